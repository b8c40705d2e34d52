import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { execa } from 'execa';
import { findTools } from '../training/support.js';

const script = fileURLToPath(new URL('compare_adapters.py', import.meta.url));
const plugin = fileURLToPath(new URL('../../serving', import.meta.url));

describe('adapters on the CPU', function () {
  this.timeout(180_000);

  it('add what vLLM itself adds, whatever stands beside them in a batch, and nothing to tokens without one', async () => {
    const { python } = await findTools();
    const folder = await mkdtemp(join(tmpdir(), 'understudy-adapters-'));
    try {
      const file = join(folder, 'differences.json');
      await execa(python, [script, file], { env: { PYTHONPATH: plugin, PYTHONDONTWRITEBYTECODE: '1' } });
      const differences = JSON.parse(await readFile(file, 'utf8')) as Record<string, number>;
      expect(Object.keys(differences)).to.have.length(9);
      // One step of bfloat16 at 4, the largest of the values.
      for (const [name, difference] of Object.entries(differences)) expect(difference, name).to.be.at.most(0.032);
      expect(differences['without an adapter']).to.equal(0);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
