import test from 'ava';
import { acceptance } from './acceptance.ts';

acceptance(test, 'xfs');
