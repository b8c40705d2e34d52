import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { SetupFailure } from './failure.mjs';
import { withLock } from './lock.mjs';
import { byteCode, cacheRoot, digestOf, projectRoot } from './paths.mjs';
import { runCommand } from './process.mjs';
import { startProgress } from './progress.mjs';

const training = join(projectRoot, 'training');
const library = join(training, 'understudy_training');

/** The base models that the set-up makes: their id in a spec's `base.id`, the seconds they take, their own sources. */
export const baseModels = {
  smollm2: { id: 'HuggingFaceTB/SmolLM2-135M-Instruct', seconds: 20, sources: /^smollm2/ },
  tiny: { id: 'tiny', seconds: 70, sources: /^tiny/ },
};

/** The folder of a base model, named by the digest of the sources that make it. */
export async function baseModelFolder({ name, env }) {
  const own = (await readdir(library)).filter((file) => baseModels[name].sources.test(file) && file.endsWith('.py'));
  const files = [join(training, 'prepare_base.py'), ...own.sort().map((file) => join(library, file))];
  return join(cacheRoot({ env }), 'models', `${name}-${await digestOf({ files })}`);
}

/** Makes a base model unless it is there; returns {name, id, directory, made}. Throws SetupFailure where it fails. */
export async function ensureBaseModel({ name, python, env = process.env }) {
  const { id, seconds } = baseModels[name];
  const directory = await baseModelFolder({ name, env });
  const complete = () => existsSync(join(directory, 'understudy-base.json'));
  if (complete()) return { name, id, directory, made: false };
  const cache = cacheRoot({ env });
  return withLock({
    file: join(cache, 'locks', `base-${name}.lock`),
    onWait: ({ pid }) => process.stderr.write(`  base model ${name}: process ${pid} is making it, waiting\n`),
    work: async () => {
      if (complete()) return { name, id, directory, made: false };
      const progress = startProgress({ title: `base model ${name}`, expectedSeconds: seconds });
      const log = join(cache, 'logs', `base-${name}.log`);
      const { code, output } = await runCommand({
        command: python,
        args: [join(training, 'prepare_base.py'), '--model', name, '--out', directory],
        env: { ...env, ...byteCode({ env }) },
        log,
        onLine: (line) => progress.note(line),
      });
      if (code !== 0) {
        progress.fail();
        const last = output.trim().split('\n').at(-1);
        throw new SetupFailure(`The base model ${name} could not be made: ${last} The full output is in ${log}.`);
      }
      progress.done('ready');
      return { name, id, directory, made: true };
    },
  });
}
