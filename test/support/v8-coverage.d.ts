// The used part of @bcoe/v8-coverage, which has no types of its own.

declare module '@bcoe/v8-coverage' {
  export interface ScriptCov {
    readonly url: string;
  }
  export interface ProcessCov {
    readonly result: readonly ScriptCov[];
  }
  export function mergeProcessCovs(processes: readonly ProcessCov[]): ProcessCov;
}
