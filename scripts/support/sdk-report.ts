import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const top = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const whole: ts.TypeFormatFlags =
  ts.TypeFormatFlags.NoTruncation |
  ts.TypeFormatFlags.InTypeAlias |
  ts.TypeFormatFlags.UseSingleQuotesForStringLiteralType;

const entry = join(top, 'src', 'client', 'index.ts');
/** A file that is nowhere: it names the types with their parameters at their defaults. */
const probe = join(top, 'src', 'client', 'probe.ts');

function openProgram(probeText: string): ts.Program {
  const read = ts.readConfigFile(join(top, 'tsconfig.json'), (path) => ts.sys.readFile(path));
  const options = {
    ...ts.parseJsonConfigFileContent(read.config, ts.sys, top).options,
    noEmit: true,
    incremental: false,
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  host.fileExists = (path) => path === probe || fileExists(path);
  host.getSourceFile = (path, ...rest) =>
    path === probe ? ts.createSourceFile(probe, probeText, ts.ScriptTarget.ES2023, true) : getSourceFile(path, ...rest);
  return ts.createProgram([entry, probe], options, host);
}

/** The exports of the SDK that are types of the contract. */
const contractTypes = (): string[] =>
  ts
    .preProcessFile(ts.sys.readFile(entry) ?? '')
    .importedFiles.filter(({ fileName }) => fileName.startsWith('../protocol/'))
    .flatMap(({ fileName }) => namesFrom(fileName));

function namesFrom(fileName: string): string[] {
  const source = ts.createSourceFile(entry, ts.sys.readFile(entry) ?? '', ts.ScriptTarget.ES2023, true);
  return source.statements
    .filter(ts.isExportDeclaration)
    .filter((one) => one.moduleSpecifier?.getText().includes(fileName))
    .flatMap((one) => (one.exportClause && ts.isNamedExports(one.exportClause) ? [...one.exportClause.elements] : []))
    .map((element) => element.name.text);
}

const isPrivate = (member: ts.ClassElement): boolean =>
  (member.name !== undefined && ts.isPrivateIdentifier(member.name)) ||
  (ts.canHaveModifiers(member) &&
    (ts.getModifiers(member) ?? []).some((one) => one.kind === ts.SyntaxKind.PrivateKeyword));

/** A class as it looks from outside, one line a member. */
function showClass(node: ts.ClassDeclaration, checker: ts.TypeChecker): string {
  const lines = node.members
    .filter((member) => !isPrivate(member))
    .map((member) => {
      if (ts.isConstructorDeclaration(member))
        return `constructor${checker.signatureToString(checker.getSignatureFromDeclaration(member)!, node, whole)}`;
      const type = checker.getTypeOfSymbol(checker.getSymbolAtLocation(member.name!)!);
      return `${member.name!.getText()}: ${checker.typeToString(type, node, whole)}`;
    });
  const heritage = (node.heritageClauses ?? []).map((clause) => ` ${clause.getText()}`).join('');
  return [`class ${node.name!.text}${heritage} {`, ...lines.map((line) => `  ${line};`), '}'].join('\n');
}

/** A type of the contract, as what it is and one line for each of its alternatives. */
function showContractType(node: ts.TypeAliasDeclaration, checker: ts.TypeChecker): string {
  const type = checker.getTypeAtLocation(node.name);
  const parts = type.isUnion() ? type.types : [type];
  const lines = parts.map((part) => checker.typeToString(part, node, whole)).sort();
  return `type ${node.name.text} =\n${lines.map((line) => `  | ${line}`).join('\n')};`;
}

/** One export as a declaration without comments. What the contract makes of zod is shown as the type that it is. */
function show(symbol: ts.Symbol, checker: ts.TypeChecker): string {
  const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  const node = target.declarations![0]!;
  const printer = ts.createPrinter({ removeComments: true });
  if (ts.isClassDeclaration(node)) return showClass(node, checker);
  const isOfClient = node.getSourceFile().fileName.includes('/src/client/');
  if (ts.isInterfaceDeclaration(node) || (ts.isTypeAliasDeclaration(node) && isOfClient))
    return printer.printNode(ts.EmitHint.Unspecified, node, node.getSourceFile()).replace(/^export /, '');
  return `const ${symbol.name}: ${checker.typeToString(checker.getTypeOfSymbol(target), node, whole)};`;
}

/** Everything that `messenger/client` exports, by name: what a program that uses the SDK may depend on. */
export function describeSdk(): string {
  const names = contractTypes();
  const program = openProgram(
    [`import type * as sdk from './index.ts';`, ...names.map((name) => `export type ${name} = sdk.${name};`)].join(
      '\n',
    ),
  );
  const checker = program.getTypeChecker();
  const probed = new Map<string, ts.TypeAliasDeclaration>();
  for (const node of program.getSourceFile(probe)!.statements)
    if (ts.isTypeAliasDeclaration(node)) probed.set(node.name.text, node);
  const exported = checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(entry)!)!);
  const shown = exported
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((symbol) => {
      const ofContract = probed.get(symbol.name);
      const text = ofContract ? showContractType(ofContract, checker) : show(symbol, checker);
      return `## ${symbol.name}\n\n\`\`\`ts\n${text}\n\`\`\`\n`;
    });
  return [
    '# What `messenger/client` exports',
    '',
    'Made by `npm run docs:sdk`. A test fails when this page and the code differ: look whether a program that uses the SDK would',
    'break, then make the page anew.',
    '',
    ...shown,
  ].join('\n');
}
