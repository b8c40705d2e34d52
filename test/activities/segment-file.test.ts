import { execFileSync } from 'node:child_process';
import { Zstd } from '@hpcc-js/wasm-zstd';
import { expect } from 'chai';
import { decodeSegment, encodeSegment } from '../../src/activities/segment-file.js';

const linesOf = (count: number): string[] =>
  Array.from({ length: count }, (_, index) =>
    JSON.stringify({ index, query: `Wo ist Paket ${index * 7919}? „früh“ 📦` }),
  );

describe('segments', () => {
  for (const count of [1, 20, 5_000])
    it(`come back as they were written: ${count} lines`, async () => {
      const lines = linesOf(count);
      expect(decodeSegment({ body: await encodeSegment({ lines }) })).to.deep.equal(lines);
    });

  it('written in one frame, by anybody, are read as well', async () => {
    const lines = linesOf(2_000);
    const zstd = await Zstd.load();
    expect(decodeSegment({ body: zstd.compress(Buffer.from(`${lines.join('\n')}\n`)) })).to.deep.equal(lines);
  });

  it('are read by the tool of Zstandard, where it is there', async function () {
    const lines = linesOf(2_000);
    const input = await encodeSegment({ lines });
    try {
      execFileSync('zstd', ['--version']);
    } catch {
      process.stderr.write('NO zstd on this machine: reading segments by it is skipped\n');
      return this.skip();
    }
    expect(execFileSync('zstd', ['-dc'], { input }).toString('utf8').trimEnd().split('\n')).to.deep.equal(lines);
  });

  it('let others have their turn while they are compressed', async () => {
    const lines = linesOf(20_000);
    let turns = 0;
    const others = (): void => {
      turns += 1;
      next = setImmediate(others);
    };
    let next = setImmediate(others);
    await encodeSegment({ lines });
    clearImmediate(next);
    expect(turns).to.be.at.least(30);
  });

  it('that are none, or broken off, are refused', async () => {
    const body = await encodeSegment({ lines: linesOf(2_000) });
    expect(() => decodeSegment({ body: Buffer.from('no segment') })).to.throw('invalid zstd data');
    expect(() => decodeSegment({ body: body.subarray(0, body.length - 7) })).to.throw('unexpected EOF');
    expect(() => decodeSegment({ body: Buffer.alloc(0) })).to.throw('an empty file is no segment');
  });
});
