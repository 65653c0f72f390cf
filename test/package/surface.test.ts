// The public surface: what a public signature names is public, every export has a doc comment, and the command uses public
// names only.

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import test from 'ava';
import ts from 'typescript';

interface Manifest {
  readonly exports: Readonly<Record<string, { readonly types: string } | string>>;
}

/** The declaration file of each subpath: `dmts/thin` to `dist/thin/index.d.ts`. */
const entries = Object.entries(
  (JSON.parse(readFileSync('package.json', 'utf8')) as Manifest).exports,
).flatMap(([path, target]) =>
  typeof target === 'string' ? [] : [[join('dmts', path), resolve(target.types)] as const],
);

const program = ts.createProgram(
  entries.map(([, file]) => file),
  { module: ts.ModuleKind.NodeNext, target: ts.ScriptTarget.ESNext, strict: true },
);
const checker = program.getTypeChecker();

/** The symbol that an import or an export stands for. */
const original = (symbol: ts.Symbol): ts.Symbol =>
  symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;

/** The exports of a file by their names. */
function exportsOf(file: string): ReadonlyMap<string, ts.Symbol> {
  const module = checker.getSymbolAtLocation(program.getSourceFile(file)!)!;
  return new Map(
    checker.getExportsOfModule(module).map((symbol) => [symbol.name, original(symbol)]),
  );
}

const surface = entries.map(([path, file]) => [path, exportsOf(file)] as const);
const isPublic = new Set(surface.flatMap(([, names]) => [...names.values()]));
const OURS = resolve('dist');

/** The declarations of this package that the types of `declaration` name. */
function namedIn(declaration: ts.Node): ReadonlySet<ts.Symbol> {
  const found = new Set<ts.Symbol>();
  const visit = (node: ts.Node): void => {
    if (isPrivate(node)) return;
    if (ts.isTypeReferenceNode(node)) add(node.typeName);
    if (ts.isExpressionWithTypeArguments(node)) add(node.expression);
    if (ts.isTypeQueryNode(node)) add(node.exprName);
    ts.forEachChild(node, visit);
  };
  const add = (name: ts.Node): void => {
    const symbol = checker.getSymbolAtLocation(name);
    if (symbol === undefined) return;
    const named = original(symbol);
    const [place] = named.declarations ?? [];
    if (place?.getSourceFile().fileName.startsWith(OURS) !== true) return;
    // A program does not name a type parameter, or the constant behind a union of its values.
    if (ts.isTypeParameterDeclaration(place) || ts.isVariableDeclaration(place)) return;
    found.add(named);
  };
  visit(declaration);
  return found;
}

const isPrivate = (node: ts.Node): boolean =>
  ts.canHaveModifiers(node) &&
  (ts.getModifiers(node) ?? []).some(
    ({ kind }) => kind === ts.SyntaxKind.PrivateKeyword || kind === ts.SyntaxKind.ProtectedKeyword,
  );

test('everything that a public signature names is public', (t) => {
  const missing = new Set<string>();
  for (const symbol of isPublic) {
    for (const declaration of symbol.declarations ?? []) {
      for (const named of namedIn(declaration)) {
        if (!isPublic.has(named)) missing.add(`${named.name}, in ${symbol.name}`);
      }
    }
  }
  t.deepEqual([...missing].sort(), []);
});

test('every export has a doc comment', (t) => {
  const bare = surface.flatMap(([path, names]) =>
    [...names]
      .filter(([, symbol]) => symbol.getDocumentationComment(checker).length === 0)
      .map(([name]) => `${path}: ${name}`),
  );
  t.deepEqual(bare.sort(), []);
});

/** The names that a file imports from below `src`, with the file that each comes from. */
function importsOf(file: string): readonly (readonly [name: string, from: string])[] {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest);
  return source.statements.flatMap((statement) => {
    if (!ts.isImportDeclaration(statement)) return [];
    const { text } = statement.moduleSpecifier as ts.StringLiteral;
    const named = statement.importClause?.namedBindings;
    if (!text.startsWith('.') || named === undefined || !ts.isNamedImports(named)) return [];
    const from = relative('.', resolve(dirname(file), text));
    return named.elements.map(
      ({ propertyName, name }) => [(propertyName ?? name).text, from] as const,
    );
  });
}

test('the command uses public names of the library only', (t) => {
  const names = new Set(surface.flatMap(([, exported]) => [...exported.keys()]));
  const deep = readdirSync('src/cli', { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) =>
      importsOf(join('src/cli', name))
        .filter(([imported, from]) => !from.startsWith('src/cli/') && !names.has(imported))
        .map(([imported, from]) => `src/cli/${name}: ${imported} of ${from}`),
    );
  t.deepEqual(deep.sort(), []);
});
