// Fuzz the structs, names, device numbers and tables, by a round trip through the codecs:
//   node build/fuzz/codecs.js --minutes N --seed S --runs N
// Add a failing case as a named row to the test of the affected file.

import { RECORD_LAWS, TEXT_LAWS } from '../test/support/arbitraries/codec-properties.ts';
import { fuzz } from './run.ts';

fuzz('codecs', [...TEXT_LAWS, ...RECORD_LAWS]);
