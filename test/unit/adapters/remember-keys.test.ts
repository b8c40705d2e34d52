import { expect } from 'chai';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DirectoryStore } from '../../../src/adapters/directory-store/directory-store.js';
import { rememberKeys, requireKeys } from '../../../src/adapters/payload-codec/remember-keys.js';
import type { PayloadKey } from '../../../src/config/payload-keys.js';
import { Secret } from '../../../src/config/secret.js';

const newKey = (id: string): PayloadKey => ({ id, key: new Secret(randomBytes(32).toString('base64')) });

describe('keys that payloads were written with', () => {
  let folder: string;
  let store: DirectoryStore;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'understudy-keys-'));
    store = new DirectoryStore({ root: folder });
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));
  const refusal = (keys: PayloadKey[]): Promise<string> =>
    rememberKeys({ store, keys }).then(
      () => '',
      (error: Error) => error.message,
    );

  it('are the same at the next start, and more of them while they are changed', async () => {
    const [k1, k2] = [newKey('k1'), newKey('k2')];
    expect(await refusal([k1])).to.equal('');
    expect(await refusal([k2, k1])).to.equal('');
    expect(await refusal([k2])).to.equal('');
  });

  it('are refused where one id stands for two keys', async () => {
    await rememberKeys({ store, keys: [newKey('k1')] });
    const wrong = newKey('k1');
    const message = await refusal([newKey('k2'), wrong]);
    expect(message).to.contain('payload key k1').and.not.to.contain('payload key k2');
    expect(message).not.to.contain(wrong.key.reveal());
  });

  it('are asked for where there is none any more', async () => {
    expect(await refusal([])).to.equal('');
    await rememberKeys({ store, keys: [newKey('k1')] });
    expect(await refusal([]))
      .to.contain('payload key k1')
      .and.to.contain('UNDERSTUDY_PAYLOAD_KEYS');
  });

  it('are held against by whoever writes to workflows, who notes none', async () => {
    const written = (keys: PayloadKey[]): Promise<string> =>
      requireKeys({ store, keys }).then(
        () => '',
        (error: Error) => error.message,
      );
    const [k1, k2] = [newKey('k1'), newKey('k2')];
    expect(await written([k1])).to.equal('');
    expect(await written([newKey('k1')])).to.equal('');
    await rememberKeys({ store, keys: [k1] });
    expect(await written([k1])).to.equal('');
    expect(await written([k1, k2])).to.equal('');
    expect(await written([newKey('k1')])).to.contain('is another one than payloads were written with');
    expect(await written([])).to.contain('set it in UNDERSTUDY_PAYLOAD_KEYS');
    expect(await written([k2, k1])).to.contain('payload key k2: no worker has had it yet');
    await rememberKeys({ store, keys: [k1, k2] });
    expect(await written([k2, k1])).to.equal('');
  });

  it('are not told by what is noted', async () => {
    const key = newKey('k1');
    await rememberKeys({ store, keys: [key] });
    const noted = Buffer.from((await store.get({ key: 'payload-keys/k1.json' }))!.body).toString('utf8');
    expect(noted).not.to.contain(key.key.reveal());
  });
});
