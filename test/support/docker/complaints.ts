// The warnings and errors in a daemon's log.

/** Ids, device numbers and times, which differ between runs. */
const VARIES: readonly (readonly [RegExp, string])[] = [
  [/\b[0-9a-f]{64}\b/g, '<id>'],
  [/\b[0-9a-f]{12}\b/g, '<short id>'],
  [/docker-\d+:\d+-\d+/g, '<prefix>'],
  [/\/dev\/(loop|dm-)\d+/g, '/dev/$1<n>'],
  [/^time="[^"]*" /, ''],
  [/\bpid=\d+/g, 'pid=<n>'],
];

/**
 * What dockerd says about its connection to containerd. The number of retries depends on the machine, and at the end the
 * two stop in any order.
 */
const NOISE =
  /\bmodule=grpc\b|msg="Failed to get event".*transport is closing|msg="Error while testing if containerd API is ready".*connection is closing/;

/** The lines above the level info, without the parts that differ between runs, each once. */
export function complaints(log: string): readonly string[] {
  const lines = log
    .split('\n')
    .filter((line) => /\blevel=(warning|error|fatal|panic)\b/.test(line) && !NOISE.test(line))
    .map((line) => VARIES.reduce((text, [varies, name]) => text.replace(varies, name), line));
  return [...new Set(lines)];
}

/** The complaints of one log that are not in another. */
export function newComplaints(log: string, baseline: string): readonly string[] {
  const known = new Set(complaints(baseline));
  return complaints(log).filter((line) => !known.has(line));
}
