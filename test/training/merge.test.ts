import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { execa } from 'execa';
import { findTools, runPython, type Tools } from './support.js';

const script = fileURLToPath(new URL('../../training/merge.py', import.meta.url));

describe('merging an adapter into its base', function () {
  this.timeout(180_000);
  let tools: Tools;
  let folder: string;
  before(async () => {
    tools = await findTools();
    folder = await mkdtemp(join(tmpdir(), 'understudy-merge-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const merge = (...args: string[]) => execa(tools.python, [script, ...args], { reject: false });

  it('answers as base and adapter do, and loads with nothing of ours', async () => {
    const compared = await runPython<{ fromBase: number; fromBoth: number; prompt: string }>(
      tools,
      'compare_merged.py',
      [tools.tiny, folder],
    );
    // The base's precision has 8 bits, so that sums of weights are rounded.
    expect(compared.fromBoth).to.be.below(compared.fromBase / 20);
    expect(compared.prompt).to.include('Hi');
    const output = join(folder, 'merged');
    const files = await readdir(output);
    expect(files).to.include.members(['config.json', 'model.safetensors', 'tokenizer.json', 'tokenizer_config.json']);
    expect(files).to.not.include('adapter_config.json');
    const config = JSON.parse(await readFile(join(output, 'config.json'), 'utf8')) as Record<string, unknown>;
    expect(config.torch_dtype).to.equal(config.dtype).and.to.be.a('string');
    const tokenizer = JSON.parse(await readFile(join(output, 'tokenizer_config.json'), 'utf8')) as object;
    expect(tokenizer).to.have.property('chat_template');
  });

  it('says what is missing, all at once, and exits with 2', async () => {
    const ended = await merge('--base', folder, '--adapter', tools.tiny, '--output', join(folder, 'none'));
    expect(ended.exitCode).to.equal(2);
    expect(ended.stderr.split('\n')).to.have.length(2);
    expect(ended.stderr)
      .to.match(/^base: .* holds no config\.json/m)
      .and.to.match(/^adapter: .* holds no adapter_config/m);
    expect(await readdir(folder)).to.not.include('none');
  });
});
