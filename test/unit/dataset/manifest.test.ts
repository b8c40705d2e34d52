import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { datasetManifestSchema, manifestDigest } from '../../../src/domain/dataset/manifest.js';

describe('dataset manifest', () => {
  it('of an earlier revision is read, and keeps the digest it was published under', async () => {
    const path = new URL('../../fixtures/manifests/before-pseudonym-keys.json', import.meta.url);
    const manifest = datasetManifestSchema.parse(JSON.parse(await readFile(path, 'utf8')));
    expect(manifest.pseudonyms).to.equal(undefined);
    expect(manifest.provenance.tokens).to.equal(null);
    expect(manifestDigest(manifest)).to.equal(manifest.digest);
    const changed = { ...manifest, counts: { ...manifest.counts, train: manifest.counts.train + 1 } };
    expect(manifestDigest(changed)).to.not.equal(manifest.digest);
  });
});
