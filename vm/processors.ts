import { readFileSync } from 'node:fs';

/** The processors that this process can use, in ascending order. Source: proc_pid_status(5), Cpus_allowed_list. */
export const allowedProcessors = (): readonly number[] =>
  parseProcessorList(
    /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0',
  );

/** The numbers of a list such as `0-3,8`. Source: cpuset(7), "List format". */
export const parseProcessorList = (list: string): readonly number[] =>
  list.split(',').flatMap((range) => {
    const [first, last = first] = range.split('-').map(Number);
    return Array.from({ length: last! - first! + 1 }, (_, offset) => first! + offset);
  });
