import { expect } from 'chai';
import { randomBytes } from 'node:crypto';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import fc from 'fast-check';
import { EncryptingCodec, PayloadUnreadable } from '../../../src/adapters/payload-codec/encrypting-codec.js';
import { open } from '../../../src/adapters/payload-codec/envelope.js';
import { Secret } from '../../../src/config/secret.js';

const key = (id: string) => ({ id, key: new Secret(randomBytes(32).toString('base64')) });
const payloadOf = (value: unknown): Payload => defaultPayloadConverter.toPayload(value);
const valueOf = (payload: Payload): unknown => defaultPayloadConverter.fromPayload(payload);
const bytesOf = ({ data }: Payload): Buffer => Buffer.from(data ?? []);

async function unreadable(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (error instanceof PayloadUnreadable) return error.message;
    throw error;
  }
  throw new Error('expected it to be unreadable');
}

describe('encrypting codec', () => {
  const [k1, k2] = [key('k1'), key('k2')];

  it('gives back every payload as it was, and shows nothing of it', async () => {
    const codec = new EncryptingCodec({ keys: [k1] });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.jsonValue(), { maxLength: 5 }), async (values) => {
        const payloads = values.map(payloadOf);
        const encoded = await codec.encode(payloads);
        const decoded = await codec.decode(encoded);
        expect(decoded.map(valueOf)).to.deep.equal(payloads.map(valueOf));
        expect(decoded.map(({ metadata }) => metadata)).to.deep.equal(payloads.map(({ metadata }) => metadata));
      }),
      { numRuns: 60 },
    );
    const [secret] = await codec.encode([payloadOf({ text: 'ada@example.com' })]);
    expect(Object.keys(secret!.metadata!)).to.have.members(['encoding', 'encryption-key-id']);
    expect(bytesOf(secret!).toString('latin1')).not.to.contain('ada@example.com').and.not.to.contain('json/plain');
  });

  it('leaves alone what says nothing, so that no key is needed for it', async () => {
    const codec = new EncryptingCodec({ keys: [k1] });
    expect(await codec.encode([payloadOf(undefined)])).to.deep.equal([payloadOf(undefined)]);
  });

  it('compresses what gets shorter by it', async () => {
    const codec = new EncryptingCodec({ keys: [k1] });
    const long = payloadOf('the same sentence again. '.repeat(400));
    const [encoded] = await codec.encode([long]);
    expect(bytesOf(encoded!).length).to.be.lessThan(bytesOf(long).length / 10);
    const noise = payloadOf(randomBytes(4000));
    const [same] = await codec.encode([noise]);
    expect(bytesOf(same!).length).to.be.lessThan(bytesOf(noise).length + 200);
  });

  it('never writes the same bytes twice', async () => {
    const codec = new EncryptingCodec({ keys: [k1] });
    const [first, second] = await codec.encode([payloadOf('same'), payloadOf('same')]);
    expect(bytesOf(first!).equals(bytesOf(second!))).to.equal(false);
  });

  it('reads with every key and writes with the first', async () => {
    const before = new EncryptingCodec({ keys: [k1] });
    const after = new EncryptingCodec({ keys: [k2, k1] });
    const old = await before.encode([payloadOf('written before')]);
    const fresh = await after.encode([payloadOf('written after')]);
    expect((await after.decode([...old, ...fresh])).map(valueOf)).to.deep.equal(['written before', 'written after']);
    expect(await unreadable(before.decode(fresh)))
      .to.contain('payload key k2')
      .and.to.contain('not among k1');
  });

  it('leaves payloads that are not encrypted as they are', async () => {
    const payload = payloadOf({ plain: true });
    expect(await new EncryptingCodec({ keys: [k1] }).decode([payload])).to.deep.equal([payload]);
  });

  it('says so where a key is another of the same id, or a bit has changed', async () => {
    const codec = new EncryptingCodec({ keys: [k1] });
    const [encoded] = await codec.encode([payloadOf('content')]);
    const wrong = new EncryptingCodec({ keys: [key('k1')] });
    expect(await unreadable(wrong.decode([encoded!]))).to.contain('does not open');
    for (const position of [0, 12, 20, bytesOf(encoded!).length - 1]) {
      const data = bytesOf(encoded!);
      data[position]! ^= 1;
      expect(await unreadable(codec.decode([{ ...encoded!, data }]))).to.contain('was changed');
    }
    const moved = { ...encoded!, metadata: { ...encoded!.metadata, 'encryption-key-id': Buffer.from('k2') } };
    const both = new EncryptingCodec({ keys: [k1, { id: 'k2', key: k1.key }] });
    expect(await unreadable(both.decode([moved]))).to.contain('does not open');
    expect(await unreadable(codec.decode([{ ...encoded!, data: new Uint8Array(3) }]))).to.contain('does not open');
    // Four bytes of a tag could be guessed.
    const short = await open({ keyId: 'k1', key: randomBytes(32), body: new Uint8Array(4) }).catch(String);
    expect(short).to.contain('Invalid authentication tag length');
  });

  it('takes at least one key', () => {
    expect(() => new EncryptingCodec({ keys: [] })).to.throw('at least one');
  });
});
