// A training container that learns nothing: a line a step, a checkpoint when it is told to end, and the files of a
// result. `method` "qlora" fails as the real one does where there is no GPU.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

const root = process.env.SAGEMAKER_BASE_DIR;
const given = JSON.parse(readFileSync(join(root, 'input', 'config', 'hyperparameters.json'), 'utf8'));
const checkpoint = join(root, 'checkpoints', 'step');
let stopping = false;
process.on('SIGTERM', () => (stopping = true));

if (JSON.parse(given.method) === 'qlora') {
  mkdirSync(join(root, 'output'), { recursive: true });
  writeFileSync(join(root, 'output', 'failure'), 'config.method: qlora needs a GPU and bitsandbytes');
  console.error('no GPU is here');
  process.exit(2);
}

const steps = JSON.parse(given.maxSteps);
let step = existsSync(checkpoint) ? Number(readFileSync(checkpoint, 'utf8')) : 0;
while (step < steps && !stopping) {
  await wait(20);
  step += 1;
  console.log(`understudy step=${step} totalSteps=${steps} loss=${1 / step}`);
}
mkdirSync(join(root, 'checkpoints'), { recursive: true });
writeFileSync(checkpoint, String(step));
if (step === steps) {
  mkdirSync(join(root, 'model', 'adapter'), { recursive: true });
  const files = ['adapter_config.json', 'adapter_model.safetensors'].map((name) => {
    const body = Buffer.from(name);
    writeFileSync(join(root, 'model', 'adapter', name), body);
    const sha256 = createHash('sha256').update(body).digest('hex');
    return { path: `adapter/${name}`, sha256, bytes: body.length };
  });
  const counts = { steps, rows: 40, truncated: 0, seconds: 1, trainLoss: 0.5, validationLoss: null };
  writeFileSync(join(root, 'model', 'result.json'), JSON.stringify({ status: 'completed', files, ...counts }));
}
