import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** A source file of the project, parsed; `path` from the root. */
export async function sourceFile(path: string): Promise<ts.SourceFile> {
  return ts.createSourceFile(path, await readFile(join(root, path), 'utf8'), ts.ScriptTarget.ES2022, true);
}

/** Every file of the project that a process loads which begins with `entry`: imports of values, also those at run time. */
export async function reachableFrom(entry: string): Promise<string[]> {
  const found = new Set<string>([entry]);
  for (const path of found) {
    const visit = (node: ts.Node): void => {
      const name = importedBy(node);
      if (name?.startsWith('.') && name.endsWith('.js')) {
        const file = relative(root, join(root, dirname(path), name)).replace(/\.js$/, '.ts');
        if (existsSync(join(root, file))) found.add(file);
      }
      ts.forEachChild(node, visit);
    };
    visit(await sourceFile(path));
  }
  return [...found];
}

/** What a statement or an expression loads; types are gone by then. */
function importedBy(node: ts.Node): string | null {
  const text = (expression: ts.Expression | undefined): string | null =>
    expression && ts.isStringLiteral(expression) ? expression.text : null;
  if (ts.isImportDeclaration(node)) return node.importClause?.isTypeOnly ? null : text(node.moduleSpecifier);
  if (ts.isExportDeclaration(node)) return node.isTypeOnly ? null : text(node.moduleSpecifier);
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) return text(node.arguments[0]);
  if (ts.isNewExpression(node) && node.expression.getText() === 'URL') return text(node.arguments?.[0]);
  return null;
}
