// Writes the JavaScript of the package: ES modules for the entries of package.json's exports, and CommonJS for the command. The
// compiler writes the types. Node spends about as long on a file as on 30 kB of text, so that a few files that contain little else
// than what a program needs start fastest.

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { build, transform } from 'esbuild';
import { together } from './bundle-together.mjs';

const manifest = JSON.parse(readFileSync('package.json', 'utf8'));

/** The source of a file in dist. */
const sourceOf = (file) => file.replace(/^(\.\/)?dist\//, 'src/').replace(/\.c?js$/, '.ts');

const common = {
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  // Other packages are in the bundle.
  external: Object.keys(manifest.dependencies),
  metafile: true,
  outbase: 'src',
  outdir: 'dist',
  splitting: true,
  // The repository contains src.
  sourcesContent: false,
  logOverride: { 'ignored-bare-import': 'silent' },
};

/** Loaded at the first diff only. */
const DIFF_THREAD = 'src/storage/diff/thread/diff-thread-source.ts';

const library = await build({
  ...common,
  entryPoints: Object.values(manifest.exports)
    .filter((target) => typeof target === 'object')
    .map((target) => sourceOf(target.default)),
  chunkNames: 'chunks/[name]-[hash]',
  sourcemap: true,
  plugins: [
    together([
      { modules: ['src/thin/index.ts'], below: ['src/index.ts', 'src/ioctl/index.ts'] },
      { modules: ['src/storage/index.ts'], below: ['src/thin/index.ts'] },
      { modules: ['src/volumes/index.ts'], below: ['src/thin/index.ts'] },
      { modules: ['src/testing/index.ts'], below: ['src/index.ts'] },
      { modules: ['src/ioctl/thread/threads.ts'], below: ['src/ioctl/index.ts'] },
      { modules: [DIFF_THREAD], below: ['src/thin/index.ts'] },
      {
        modules: ['src/dm/device/parse-lines.ts'],
        below: ['src/index.ts', 'src/dm/targets/index.ts'],
      },
    ]),
  ],
});

/** The modules that a table of commands loads, by their folder. */
function commandsOf(table) {
  const text = readFileSync(table, 'utf8');
  return [...text.matchAll(/import\('([^']+)'\)/g)].map(([, path]) => join(dirname(table), path));
}
const GROUPS = ['pool', 'thin', 'storage', 'volume'].map((name) => `src/cli/${name}/commands.ts`);
const PROGRAM = 'src/cli/program.ts';
const [POOL, THIN, STORAGE, VOLUME] = GROUPS.map((table) => [table, ...commandsOf(table)]);

const command = await build({
  ...common,
  entryPoints: Object.values(manifest.bin).map(sourceOf),
  chunkNames: 'cli/chunks/[name]-[hash]',
  outExtension: { '.js': '.cjs' },
  define: { 'import.meta.url': '__filename' },
  sourcemap: 'inline',
  write: false,
  plugins: [
    together(
      [
        ['src/cli/support/command-tree.ts', 'src/cli/commands.ts', 'src/cli/argv.ts'],
        commandsOf('src/cli/commands.ts').filter((file) => !GROUPS.includes(file)),
        [...POOL, ...THIN],
        [...STORAGE, ...VOLUME],
        [
          ...['src/storage/storage.ts', 'src/storage/index.ts'],
          ...['src/volumes/volumes.ts', 'src/volumes/read-volumes.ts'],
        ],
        ['src/storage/view.ts', 'src/storage/lifecycle/udev.ts'],
        ['src/ioctl/thread/threads.ts'],
        [DIFF_THREAD],
        ['src/dm/device/parse-lines.ts'],
        ['src/block/holders.ts'],
      ].map((modules) => ({ modules, below: [PROGRAM] })),
    ),
  ],
});

// esbuild splits ES modules only. Node starts a CommonJS program faster, because it does not load its loader of ES modules.
for (const { path, text } of command.outputFiles) {
  const { code, map } = await transform(text, {
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    // Each import() becomes a require(): the files are CommonJS.
    supported: { 'dynamic-import': false },
    sourcefile: path,
    sourcemap: 'external',
    sourcesContent: false,
  });
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${code}//# sourceMappingURL=${basename(path)}.map\n`);
  writeFileSync(`${path}.map`, map);
}

// The licenses of the packages in the bundle demand their text.
const packages = new Set(
  [library, command]
    .flatMap(({ metafile }) => Object.keys(metafile.inputs))
    .flatMap((file) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? []),
);
const licenses = [...packages].sort().map((name) => {
  const directory = join('node_modules', name);
  const file = readdirSync(directory).find((one) => /^licen[cs]e/i.test(one));
  if (file === undefined) throw new Error(`cannot bundle ${name}: it has no license`);
  return `# ${name}\n\n${readFileSync(join(directory, file), 'utf8').trim()}\n`;
});
writeFileSync('dist/LICENSES.txt', licenses.join('\n'));
