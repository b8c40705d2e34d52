import { expect } from 'chai';
import fc from 'fast-check';
import { SseTail } from '../../../src/gateway/sse-tail.js';

const through = (parts: readonly string[]) => {
  const tail = new SseTail();
  const passed = parts.map((part) => tail.push(Buffer.from(part)).toString()).join('');
  return { passed, rest: tail.rest().toString() };
};

describe('the end of a stream', () => {
  it('is kept back however the bytes are cut, and everything before goes on', () => {
    const events = 'data: {"a":"[DONE]"}\n\ndata: {"b":"grüße"}\n\n';
    const bytes = Buffer.from(`${events}data: [DONE]\n\n`);
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 6 }), (cuts) => {
        const tail = new SseTail();
        const places = [0, ...cuts.sort((one, other) => one - other), bytes.length];
        const passed = places.slice(1).map((end, index) => tail.push(bytes.subarray(places[index], end)));
        expect(Buffer.concat(passed).toString()).to.equal(events);
        expect(tail.rest().toString()).to.equal('data: [DONE]\n\n');
      }),
    );
  });

  it('may have lines that end as those of the network do', () => {
    const { passed, rest } = through(['data: 1\r\n\r\ndata: 2\r\n\r\nda', 'ta: [DONE]\r\n\r\n']);
    expect(passed).to.equal('data: 1\r\n\r\ndata: 2\r\n\r\n');
    expect(rest).to.equal('data: [DONE]\r\n\r\n');
  });
});
