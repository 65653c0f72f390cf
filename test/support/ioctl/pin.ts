// Prints a new table for pinned.ts from this machine's headers. To add a value, add its expression there with any
// number, then run:
//   npx tsc -p tsconfig.json && node build/test/support/ioctl/pin.js

import { askHeaders } from '../c-headers.ts';
import { PINNED, PINNED_HEADERS } from './pinned.ts';

const expressions = Object.keys(PINNED);
const { values, reason } = askHeaders({ headers: PINNED_HEADERS, expressions });
if (!values) throw new Error(reason);

for (const expression of expressions) {
  const value = values.get(expression);
  const key = /^\w+$/.test(expression) ? expression : `'${expression}'`;
  if (value === undefined) console.log(`  // ${key}: not in these headers, kept by hand`);
  else
    console.log(`  ${key}: ${value > 4096 ? `0x${value.toString(16).padStart(8, '0')}` : value},`);
}
