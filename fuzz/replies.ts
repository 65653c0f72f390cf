// Replies, true and hostile, without end:
//   node build/fuzz/replies.js --minutes N --seed S --runs N
// A case that breaks becomes a named row of test/dm/replies.test.ts.

import { HOSTILE_REPLY_LAW, REPLY_LAWS } from '../test/arbitraries/reply-properties.ts';
import { fuzz } from './run.ts';

fuzz('replies', [HOSTILE_REPLY_LAW, ...REPLY_LAWS]);
