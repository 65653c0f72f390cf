// Resolves the devices of a step at the time when it runs.

import type { Snapshot } from './snapshot.ts';
import type { Line, Ref, Step } from './steps.ts';

/** The result of a pick without candidates. */
const NOBODY = { name: 'a' };
const NO_MINOR = 0;

const nth = (state: Snapshot, n: number): Snapshot[number] | undefined => state[n % state.length];

const poolsOf = (state: Snapshot): Snapshot =>
  state.filter(({ table, inactiveTable }) =>
    [...table.targets, ...inactiveTable.targets].some(({ type }) => type === 'thin-pool'),
  );

const busyOf = (state: Snapshot): Snapshot => state.filter(({ info }) => info.openCount > 0);

function resolveRef(state: Snapshot, ref: Ref): Ref {
  if ('pool' in ref) return nameOf(nth(poolsOf(state), ref.pool));
  if ('busy' in ref) return nameOf(nth(busyOf(state), ref.busy));
  if (!('pick' in ref)) return ref;
  const device = nth(state, ref.pick);
  if (ref.by === 'minor' && device) return { minor: device.info.minor };
  if (ref.by === 'uuid' && device?.info.uuid) return { uuid: device.info.uuid };
  return nameOf(device);
}

const nameOf = (device: Snapshot[number] | undefined): Ref =>
  device === undefined ? NOBODY : { name: device.info.name };

function resolveLine(state: Snapshot, line: Line): Line {
  const pools = poolsOf(state);
  const params = line.params.replace(/\$(pick|pool)(\d)/g, (_, from: string, n: string) => {
    const device = nth(from === 'pool' ? pools : state, Number(n));
    return `$dm${device?.info.minor ?? NO_MINOR}`;
  });
  return { ...line, params };
}

/** The thin ids in live and inactive tables. */
const activeIds = (state: Snapshot): readonly string[] =>
  state
    .flatMap(({ table, inactiveTable }) => [...table.targets, ...inactiveTable.targets])
    .filter(({ type }) => type === 'thin')
    .map(({ params }) => params.split(' ')[1]!);

function resolveText(state: Snapshot, text: string): string {
  const ids = activeIds(state);
  return text.replace(/\$active(\d)/, (_, n: string) => ids[Number(n) % ids.length] ?? '0');
}

/** The step with its devices resolved. */
export function resolve(state: Snapshot, step: Step): Step {
  const ref = 'ref' in step ? { ref: resolveRef(state, step.ref) } : {};
  const table =
    'table' in step && step.table
      ? { table: step.table.map((line) => resolveLine(state, line)) }
      : {};
  const text = 'text' in step ? { text: resolveText(state, step.text) } : {};
  return { ...step, ...ref, ...table, ...text } as Step;
}
