// The program of a call thread: it makes system calls for its owner (threads.ts).

import { serve } from './call-server.ts';
import { startHelper } from './helper-program.ts';

startHelper(serve);
