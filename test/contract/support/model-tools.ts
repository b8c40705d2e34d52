import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { newestInCache } from '../../support/cache.js';

/** The Python with PyTorch, as the project's set-up made it. */
export const modelPython = async (): Promise<string> =>
  process.env.UNDERSTUDY_PYTHON ?? (await newestInCache({ kind: 'venvs', name: 'model', proof: 'bin/python' }));

/** What training and serving the small base model takes. */
export async function modelTools(): Promise<{ python: string; script: string; tiny: string }> {
  const { UNDERSTUDY_BASE_MODELS: bases } = process.env;
  const named = bases ? (JSON.parse(bases) as Record<string, string>).tiny : undefined;
  return {
    python: await modelPython(),
    script: fileURLToPath(new URL('../../../training/train.py', import.meta.url)),
    tiny: named ?? dirname(await newestInCache({ kind: 'models', name: 'tiny', proof: 'understudy-base.json' })),
  };
}
