// Fuzz the decoding of replies, valid and hostile:
//   node build/fuzz/replies.js --minutes N --seed S --runs N
// Add a failing case as a named row to test/unit/dm/reply/replies.test.ts.

import { HOSTILE_REPLY_LAW, REPLY_LAWS } from '../test/support/arbitraries/reply-properties.ts';
import { fuzz } from './run.ts';

fuzz('replies', [HOSTILE_REPLY_LAW, ...REPLY_LAWS]);
