// Errors of thin-provisioning-tools.

import { DmtsError } from '../../ioctl/input/dmts-error.ts';

/** The package of the programs. It has the same name in every distribution. */
export const TOOLS_PACKAGE = 'thin-provisioning-tools';

/** The fields of a `ToolError`. */
export interface ToolFailure {
  /** `'thin_dump'` */
  readonly program: string;
  /**
   * `'ENOENT'`: not installed. `'ERR_DMTS_TOOL'`: failed. `'ERR_DMTS_TOOL_OPEN'`: failed, and the filesystem of the
   * metadata does not support the direct I/O that the program needs. `'ERR_DMTS_TOOL_OUTPUT'`: the output is not
   * understood.
   */
  readonly code: 'ENOENT' | 'ERR_DMTS_TOOL' | 'ERR_DMTS_TOOL_OPEN' | 'ERR_DMTS_TOOL_OUTPUT';
  /** The problem, as the rest of a sentence that begins with the program's name. */
  readonly what: string;
  /** The remedy. */
  readonly hint?: string | undefined;
  /** The exit status, if the program exited. */
  readonly exitCode?: number | undefined;
  /** The end of stderr. */
  readonly stderr?: string | undefined;
}

/** A program of thin-provisioning-tools is not installed, failed, or printed unknown output. */
export class ToolError extends DmtsError {
  readonly code: ToolFailure['code'];
  readonly program: string;
  /** The problem, without the program's name and the remedy. */
  readonly what: string;
  readonly exitCode: number | undefined;
  readonly stderr: string | undefined;

  constructor({ program, code, what, hint, exitCode, stderr }: ToolFailure) {
    super(`${program} ${what}`, { hint });
    this.code = code;
    this.program = program;
    this.what = what;
    this.exitCode = exitCode;
    this.stderr = stderr;
  }
}
Object.defineProperty(ToolError.prototype, 'name', { value: 'ToolError' });

const SHOWN_MAX = 200;

/** The error for output that is not understood. */
export function notUnderstood(program: string, expected: string, line: string): ToolError {
  const shown = JSON.stringify(line.length > SHOWN_MAX ? `${line.slice(0, SHOWN_MAX)}…` : line);
  const what = `printed unexpected output: expected ${expected}, got ${shown}`;
  return new ToolError({ program, code: 'ERR_DMTS_TOOL_OUTPUT', what });
}
