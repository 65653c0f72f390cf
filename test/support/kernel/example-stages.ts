// What the examples of help texts need, and what they wait for.

import { execFileSync } from 'node:child_process';
import type { Scene } from './example-scene.ts';

type Lines = readonly string[];

const VOL: Lines = ['dmts create vol --table "0 204800 linear /dev/sdb 0"'];
const files = (pool: string, size: string): string =>
  `dmts pool create ${pool} --metadata meta.img --metadata-size 16m --data data.img --data-size ${size}`;
const POOL: Lines = [`${files('pool', '64m')} --low-water 1024`];
const EVENTS: Lines = [...POOL, 'dmts thin create pool 1 --activate --size 64m'];
const TANK: Lines = [files('tank', '4g')];
const ACTIVE: Lines = [...TANK, 'dmts thin create tank 1 --activate --size 1g'];
const TWO: Lines = [...TANK, 'dmts thin create tank 1', 'dmts thin snap tank 2 1'];
const OFF = 'dmts pool deactivate tank --confirm tank';
/** An inactive pool whose metadata file supports direct I/O; a file on tmpfs does not before Linux 6.6. */
const INACTIVE: Lines = [
  'mkfs.ext4 -q /dev/sdb',
  'mount /dev/sdb /mnt/a',
  ...TWO.map((line) => line.replace('meta.img', '/mnt/a/meta.img')),
  OFF,
  'ln --symbolic /mnt/a/meta.img meta.img',
];
const MOUNTED: Lines = [
  ...TANK,
  ...['a', 'b'].flatMap((name, i) => [
    `dmts thin create tank ${i + 1} --activate --size 64m`,
    `mkfs.ext4 -q /dev/mapper/tank-${i + 1}`,
    `mount /dev/mapper/tank-${i + 1} /mnt/${name}`,
  ]),
];
const IMAGE: Lines = ['dmts storage --root /srv/layers create image'];
const LAYERS: Lines = [...IMAGE, 'dmts storage --root /srv/layers create web --parent image'];
/** The thin device of `web` has no record. */
const ORPHAN: Lines = [...LAYERS, 'rm /srv/layers/metadata/web'];
const MOUNT: Lines = [...LAYERS, 'dmts storage --root /srv/layers mount web'];
const TAR: Lines = [...LAYERS, 'tar --create --file web.tar files', 'gzip --keep web.tar'];

const INIT: Lines = ['dmts volume --dir /srv/vms init vms --size 10g'];
const DEBIAN: Lines = [
  ...INIT,
  'truncate --size 16m debian.raw',
  'gzip --keep debian.raw',
  'dmts volume --dir /srv/vms create debian --size 1g',
];
const VM: Lines = [...DEBIAN, 'dmts volume --dir /srv/vms clone debian vm1'];

/** The lines that prepare an example, by the command that it runs first. */
export const STAGES: Readonly<Record<string, Lines>> = {
  version: [],
  targets: [],
  'target-version': [],
  ls: VOL,
  info: VOL,
  status: POOL,
  table: VOL,
  measure: VOL,
  deps: VOL,
  create: [],
  wipe_table: VOL,
  setgeometry: VOL,
  reload: VOL,
  clear: [...VOL, 'dmts reload vol new-table.txt'],
  suspend: VOL,
  resume: [...VOL, 'dmts suspend vol'],
  rename: VOL,
  mangle: ['dmts create "my disk" --notable --manglename none'],
  remove: VOL,
  remove_all: VOL,
  message: [...VOL, ...POOL],
  wait: EVENTS,
  watch: EVENTS,
  splitname: [],
  udevcookies: [],
  completion: [],
  mknodes: VOL,
  'pool create': [],
  'pool activate': [...TANK, OFF],
  'pool deactivate': TANK,
  'pool status': TANK,
  'pool ls': TANK,
  'pool grow': TANK,
  'pool watch': TANK,
  'pool trim': MOUNTED,
  'pool check': TWO,
  'pool diff': TWO,
  'thin create': TANK,
  'thin snap': ACTIVE,
  'thin activate': TWO,
  'thin deactivate': ACTIVE,
  'thin delete': TWO,
  'thin ls': ACTIVE,
  'thin grow': ACTIVE,
  'storage create': IMAGE,
  'storage mount': LAYERS,
  'storage umount': MOUNT,
  'storage rm': LAYERS,
  'storage ls': LAYERS,
  'storage status': LAYERS,
  'storage inspect': LAYERS,
  'storage changes': LAYERS,
  'storage diff': LAYERS,
  'storage apply': TAR,
  'storage check': LAYERS,
  'storage repair': ORPHAN,
  'storage shutdown': MOUNT,
  'volume init': [],
  'volume create': INIT,
  'volume clone': DEBIAN,
  'volume import': [...DEBIAN, 'dmts volume --dir /srv/vms delete debian --confirm debian'],
  'volume export': VM,
  'volume rollback': [...VM, 'dmts volume --dir /srv/vms clone vm1 vm1-monday'],
  'volume rename': VM,
  'volume grow': VM,
  'volume activate': VM,
  'volume deactivate': [...VM, 'dmts volume --dir /srv/vms activate vm1'],
  'volume delete': VM,
  'volume ls': VM,
  'volume shutdown': VM,
};

const KEY = '0'.repeat(64);

/** Examples that need another stage than those of the same command. */
export const OTHER_STAGES: Readonly<Record<string, Lines>> = {
  'dmts remove scratch': ['dmts create scratch --table "0 2048 zero"'],
  'dmts resume vol': VOL,
  'dmts reload vol new-table.txt': VOL,
  'dmts wait pool $(dmts info pool --json | jq .eventNr)': EVENTS,
  'dmts ls --target crypt --exec "blkid"': [
    `dmts create secret --table "0 2048 crypt aes-xts-plain64 ${KEY} 0 /dev/sdb 0"`,
  ],
  'dmts pool create tank --metadata /dev/sdb1 --data /dev/sdb2 --overwrite --dry-run': [
    'mkfs.ext4 -q /dev/sdb2',
  ],
  'dmts pool activate tank --metadata /dev/sdb1 --data /dev/sdb2 --transaction-id 7': [
    'dmts pool create tank --metadata /dev/sdb1 --data /dev/sdb2',
    'dmts message tank 0 set_transaction_id 0 7',
    OFF,
  ],
  'dmts pool check --metadata meta.img': INACTIVE,
  'dmts pool diff --metadata meta.img 1 2 --json': INACTIVE,
  'dmts storage --root /srv/layers create image': [],
  'dmts storage --root /srv/layers --storage-opt dm.basesize=20G create image': [],
  'dmts storage --root /srv/layers repair --yes': LAYERS,
  'dmts storage --root /var/lib/docker/devicemapper ls': [
    'dmts storage --root /var/lib/docker/devicemapper create image',
  ],
};

/** Examples that ask on a terminal, and the answer. */
export const ANSWERS: Readonly<Record<string, string>> = {
  'dmts remove_all': 'y\n',
  'dmts pool deactivate tank': 'y\n',
  'dmts thin delete tank 2': 'y\n',
  'dmts storage --root /srv/layers rm web': 'y\n',
  'dmts volume --dir /srv/vms rollback vm1 vm1-monday': 'y\n',
  'dmts volume --dir /srv/vms delete vm1': 'y\n',
};

/** An example that waits: what happens meanwhile, and the exit status of dmts. */
interface Waiting {
  readonly why: string;
  readonly raise: (scene: Scene, turn: number) => Promise<void>;
  readonly status: number;
}

/** Raises an event of the pool: its data is below the low-water mark, and each resume reports that again. */
async function lowWater(scene: Scene, turn: number): Promise<void> {
  await scene.prepare('dmts suspend pool');
  await scene.prepare('dmts resume pool');
  const place = ['of=/dev/mapper/pool-1', 'bs=64k', 'count=1', `seek=${turn % 1000}`];
  execFileSync('dd', ['if=/dev/zero', 'oflag=direct', ...place], { stdio: 'pipe' });
}

const nothing = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

const FOR_EVER = 'It prints events until Ctrl-C.';

/** Examples that do not end by themselves, or only after an event. */
export const WAITING: Readonly<Record<string, Waiting>> = {
  'dmts watch': { why: FOR_EVER, raise: lowWater, status: 130 },
  'dmts watch --json | jq -r \'select(.type == "event").device.name\'': {
    why: FOR_EVER,
    raise: lowWater,
    status: 130,
  },
  'dmts wait pool $(dmts info pool --json | jq .eventNr)': {
    why: 'It waits for the next event.',
    raise: lowWater,
    status: 0,
  },
  'dmts pool watch tank': { why: FOR_EVER, raise: nothing, status: 130 },
  'dmts pool watch tank --extend-data 10g:100g --extend-metadata 16m:256m --threshold 70': {
    why: FOR_EVER,
    raise: nothing,
    status: 130,
  },
};
