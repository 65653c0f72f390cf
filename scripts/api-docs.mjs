// Writes the API reference into docs/api: a page for each export of each subpath. It fails if a link leads nowhere, or an
// export has no doc comment.

import { readFileSync } from 'node:fs';
import { Application, Converter, LiteralType, ReflectionKind, UnionType } from 'typedoc';
import ts from 'typescript';

const manifest = JSON.parse(readFileSync('package.json', 'utf8'));

/** The subpaths by their source: `src/thin/index.ts` to `dmts/thin`. */
const subpaths = new Map(
  Object.entries(manifest.exports)
    .filter(([, target]) => typeof target === 'object')
    .map(([path, target]) => [
      target.default.replace(/^\.\/dist\//, 'src/').replace(/\.js$/, '.ts'),
      `dmts${path.slice(1)}`,
    ]),
);

const app = await Application.bootstrap({
  entryPoints: [...subpaths.keys()],
  tsconfig: 'tsconfig.build.json',
  name: `dmts ${manifest.version}`,
  readme: 'none',
  out: 'docs/api',
  // A reference without the sources: their links need a repository.
  disableSources: true,
  excludePrivate: true,
  excludeProtected: true,
  categorizeByGroup: false,
  validation: { notExported: true, invalidLink: true, invalidPath: true, notDocumented: true },
  // Type parameters of functions that are constants.
  intentionallyNotDocumented: ['dmts.hasParams.M', 'dmts.hasStatus.M'],
  // A property with a plain name needs no sentence.
  requiredToBeDocumented: [
    'Enum',
    'Variable',
    'Function',
    'Class',
    'Interface',
    'TypeAlias',
    'Method',
    'Accessor',
  ],
});

const WITH_TYPE = ReflectionKind.TypeAlias | ReflectionKind.Property;

/** Whether a type names a private list of words, as `(typeof MODES)[number]` does. The reader needs the words. */
const namesValue = (node) => ts.isTypeQueryNode(node) || ts.forEachChild(node, namesValue) === true;

app.converter.on(Converter.EVENT_CREATE_DECLARATION, (context, reflection) => {
  if (reflection.kind !== ReflectionKind.Module) return;
  const [file] = context.getSymbolFromReflection(reflection)?.declarations ?? [];
  for (const [source, subpath] of subpaths)
    if (file?.fileName?.endsWith(`/${source}`)) reflection.name = subpath;
});

app.converter.on(Converter.EVENT_RESOLVE_BEGIN, (context) => {
  const checker = context.programs[0].getTypeChecker();
  for (const reflection of context.project.getReflectionsByKind(WITH_TYPE)) {
    const declarations = context.getSymbolFromReflection(reflection)?.declarations ?? [];
    const node = declarations.find((one) => one.type !== undefined)?.type;
    if (node === undefined || !namesValue(node)) continue;
    const type = checker.getTypeAtLocation(node);
    if (!type.isUnion() || !type.types.every((one) => one.isStringLiteral())) continue;
    reflection.type = new UnionType(type.types.map(({ value }) => new LiteralType(value)));
  }
});

const project = await app.convert();
if (project === undefined) process.exit(1);
app.validate(project);
if (app.logger.hasErrors() || app.logger.hasWarnings()) process.exit(1);
await app.generateOutputs(project);
