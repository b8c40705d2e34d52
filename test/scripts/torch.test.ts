import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { callScript, emptyWorld, fake, type World } from './support.js';

const lock = `filelock==4.2.11 \\
    --hash=sha256:aa
nvidia-cublas==13.1.1.3 ; sys_platform == 'linux' \\
    --hash=sha256:bb
torch==2.13.0 \\
    --hash=sha256:cc
torchvision==0.28.0 ; platform_machine != 'riscv64' \\
    --hash=sha256:dd
`;
const answer = `torch==2.13.0+cpu \\
    --hash=sha256:ee
torchvision==0.28.0+cpu \\
    --hash=sha256:ff
`;

describe("PyTorch's CPU wheels", function () {
  this.timeout(30_000);
  let world: World;
  beforeEach(async () => {
    world = await emptyWorld();
  });

  const probe = async (script: string): Promise<unknown> => {
    await fake({ world, name: 'uv', script });
    const uv = JSON.stringify(join(world.bin, 'uv'));
    const input = `{ uv: ${uv}, lock: ${JSON.stringify(lock)}, python: 'python3', workDirectory: ${JSON.stringify(world.bin)}, env: process.env }`;
    const { stdout, stderr } = await callScript(world, 'torch.mjs', 'probeCpuWheels', input);
    expect(stderr).to.equal('');
    return JSON.parse(stdout);
  };

  it('are taken with the hashes of their index where it answers', async () => {
    const wheels = await probe(`cat <<'END'\n${answer}END`);
    expect(wheels).to.have.length(2);
    expect(await readFile(join(world.bin, 'torch.in'), 'utf8')).to.equal('torch==2.13.0\ntorchvision==0.28.0\n');
    expect(await readFile(world.calls, 'utf8')).to.contain('--torch-backend cpu');
    const input = `{ lock: ${JSON.stringify(lock)}, wheels: ${JSON.stringify(wheels)} }`;
    const { stdout } = await callScript(world, 'torch.mjs', 'withCpuWheels', input);
    expect(JSON.parse(stdout)).to.equal(`filelock==4.2.11 \\\n    --hash=sha256:aa\n${answer}`);
  });

  it('are not waited for where their index is silent, refuses or lacks a release', async () => {
    const begun = Date.now();
    expect(await probe('exec sleep 20')).to.equal(null);
    expect(Date.now() - begun).to.be.below(10_000);
    expect(await probe('exit 2')).to.equal(null);
    expect(await probe(`printf 'torch==2.13.0+cpu \\\\\\n    --hash=sha256:ee\\n'`)).to.equal(null);
  });
});
