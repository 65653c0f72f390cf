// Records, names, device numbers and tables, there and back, without end:
//   node build/fuzz/codecs.js --minutes N --seed S --runs N
// A case that breaks becomes a named row of the test of the file it broke in.

import { RECORD_LAWS, TEXT_LAWS } from '../test/arbitraries/codec-properties.ts';
import { fuzz } from './run.ts';

fuzz('codecs', [...TEXT_LAWS, ...RECORD_LAWS]);
