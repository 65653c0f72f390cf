// How a run of thin-provisioning-tools goes wrong.

/** The package that has the programs, by the name that every distribution gives it. */
export const TOOLS_PACKAGE = 'thin-provisioning-tools';

/** What a `ToolError` is made from. */
export interface ToolFailure {
  /** `'thin_dump'` */
  readonly program: string;
  /** `'ENOENT'`: not installed. `'ERR_DMTS_TOOL'`: it failed. `'ERR_DMTS_TOOL_OUTPUT'`: we do not understand it. */
  readonly code: 'ENOENT' | 'ERR_DMTS_TOOL' | 'ERR_DMTS_TOOL_OUTPUT';
  /** What went wrong, in words that go on from the program's name. */
  readonly what: string;
  /** The exit status, where it had one. */
  readonly exitCode?: number | undefined;
  /** The last lines of what it said. */
  readonly stderr?: string | undefined;
}

/** A program of thin-provisioning-tools is missing, failed, or said what we do not understand. */
export class ToolError extends Error {
  readonly code: ToolFailure['code'];
  readonly program: string;
  readonly exitCode: number | undefined;
  readonly stderr: string | undefined;

  constructor({ program, code, what, exitCode, stderr }: ToolFailure) {
    super(`${program} ${what}`);
    this.code = code;
    this.program = program;
    this.exitCode = exitCode;
    this.stderr = stderr;
  }
}
Object.defineProperty(ToolError.prototype, 'name', { value: 'ToolError' });

const SHOWN_MAX = 200;

/** For output that is not what the program prints. */
export function notUnderstood(program: string, expected: string, line: string): ToolError {
  const shown = JSON.stringify(line.length > SHOWN_MAX ? `${line.slice(0, SHOWN_MAX)}…` : line);
  const what = `printed what is not understood: expected ${expected}, got ${shown}`;
  return new ToolError({ program, code: 'ERR_DMTS_TOOL_OUTPUT', what });
}
