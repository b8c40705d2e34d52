import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';
import { reportFailure, SetupFailure } from './setup/failure.mjs';
import { projectRoot } from './setup/paths.mjs';

const entry = 'dist/lambda/handler.js';
/** What Lambda takes of a function, unpacked (Lambda Developer Guide, Lambda quotas). */
export const mostBytes = 250 * 1024 * 1024;

/**
 * Packs the function of Lambda: the compiled files that its handler loads and the packages that those name, of which only
 * what this platform runs, into `folder`, which is made anew. Returns what lies there. All of `node_modules` is several
 * times what Lambda takes.
 */
export async function packLambda({ folder }) {
  if (!existsSync(join(projectRoot, entry)))
    throw new SetupFailure(`there is no ${entry}; run \`npm run build\` first`);
  const { files, packages } = await neededBy(join(projectRoot, entry));
  await rm(folder, { recursive: true, force: true });
  const bytes = { sum: 0 };
  await mkdir(folder, { recursive: true });
  await Promise.all([...files].map((from) => copy({ from, folder, bytes })));
  await Promise.all([...packages].map((path) => copyPackage({ path, folder, bytes })));
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }\n');
  if (bytes.sum > mostBytes)
    throw new SetupFailure(`the function has ${bytes.sum} bytes > ${mostBytes}, which is what Lambda takes unpacked`);
  return {
    folder,
    handler: 'dist/lambda/handler.handler',
    files: files.size,
    packages: packages.size,
    bytes: bytes.sum,
  };
}

/** Our files that an entry reaches, and the folders of the packages that they, and those, need. */
async function neededBy(start) {
  const files = new Set([start]);
  const packages = new Set();
  for (const file of files) {
    const text = await readFile(file, 'utf8');
    if (!file.endsWith('.js')) continue;
    for (const name of namedIn(text)) {
      if (name.startsWith('.')) {
        const path = resolve(dirname(file), name);
        if (existsSync(path)) files.add(path);
      } else if (!name.startsWith('node:')) packages.add(await packageAt({ name, from: dirname(file) }));
    }
  }
  packages.delete(null);
  for (const path of packages) {
    const { dependencies, optionalDependencies } = JSON.parse(await readFile(join(path, 'package.json'), 'utf8'));
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
      const found = await packageAt({ name, from: path });
      // Of the packages for one platform each only ours is installed.
      if (found !== null) packages.add(found);
      else if (dependencies?.[name])
        throw new SetupFailure(`${path} needs ${name}, which is not installed; run \`npm ci\``);
    }
  }
  return { files, packages };
}

/** What a compiled file imports, now or later, and the files that it names beside itself. */
function namedIn(text) {
  const imported = ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName);
  const beside = [...text.matchAll(/new URL\(\s*['"](\.[^'"]+)['"],\s*import\.meta\.url/g)].map(([, name]) => name);
  return [...imported, ...beside];
}

async function packageAt({ name, from }) {
  const short = name.split('/', name.startsWith('@') ? 2 : 1).join('/');
  for (let folder = from; folder.startsWith(projectRoot); folder = dirname(folder)) {
    const path = join(folder, 'node_modules', short);
    if (existsSync(join(path, 'package.json'))) return path;
  }
  return null;
}

async function copyPackage({ path, folder, bytes }) {
  for (const one of await readdir(path, { withFileTypes: true })) {
    const from = join(path, one.name);
    // Packages within packages are needed by themselves, or not at all.
    if (one.isDirectory() && one.name !== 'node_modules') await copyPackage({ path: from, folder, bytes });
    else if (one.isFile() && isRun(relative(projectRoot, from))) await copy({ from, folder, bytes });
  }
}

/** Whether a file of a package is of use in a function: no types, no maps, nothing for other machines. */
function isRun(path) {
  if (/\.(?:map|d\.[cm]?ts)$/.test(path)) return false;
  // As ONNX Runtime has them, and those who build by prebuildify.
  const built = /(?:^|\/)(?:bin\/napi-v\d+|prebuilds)\/(darwin|linux|win32)[/-]([^/]+)/.exec(path);
  return built === null || (built[1] === process.platform && built[2] === process.arch);
}

async function copy({ from, folder, bytes }) {
  const to = join(folder, relative(projectRoot, from));
  await mkdir(dirname(to), { recursive: true });
  await cp(from, to);
  const { size } = await stat(to);
  bytes.sum += size;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  try {
    const folder = resolve(process.argv[2] ?? join(projectRoot, 'dist-lambda'));
    process.stdout.write(`${JSON.stringify(await packLambda({ folder }))}\n`);
  } catch (error) {
    process.exitCode = reportFailure({ error });
  }
