import { expect } from 'chai';
import { checkArtifactPath, proxyFolder, proxyPath } from '../../src/artifact-paths.js';
import { MlflowArgumentError } from '../../src/errors.js';

const baseUrl = 'http://127.0.0.1:5000';

describe('artifact paths', () => {
  for (const path of ['a', 'a/b c.txt', 'é/+&=.json', '100%', '..a/b']) {
    it(`takes ${path}`, () => expect(checkArtifactPath(path)).to.equal(path));
  }

  for (const path of ['', '/a', 'a/', 'a//b', '../a', 'a/../b', './a', 'a?b', 'a#b', 'a%20b', 'a\\b']) {
    it(`refuses ${JSON.stringify(path)}`, () =>
      expect(() => checkArtifactPath(path)).to.throw(MlflowArgumentError, JSON.stringify(path)));
  }

  it('finds the proxy folder of an address', () => {
    expect(proxyFolder({ artifactUri: 'mlflow-artifacts:/1/abc/artifacts', baseUrl })).to.equal('1/abc/artifacts');
    expect(proxyFolder({ artifactUri: 'mlflow-artifacts://127.0.0.1:5000/1/abc/artifacts/', baseUrl })).to.equal(
      '1/abc/artifacts',
    );
  });

  it('refuses artifacts that this server does not pass on', () => {
    expect(() => proxyFolder({ artifactUri: 's3://bucket/1', baseUrl })).to.throw(
      MlflowArgumentError,
      '--artifacts-destination',
    );
    expect(() => proxyFolder({ artifactUri: '/local/1', baseUrl })).to.throw(MlflowArgumentError, '/local/1');
    expect(() => proxyFolder({ artifactUri: 'mlflow-artifacts://other:1/x', baseUrl })).to.throw(
      MlflowArgumentError,
      'other:1',
    );
  });

  it('encodes each part', () => {
    expect(proxyPath('1/a b/é+')).to.equal('/api/2.0/mlflow-artifacts/artifacts/1/a%20b/%C3%A9%2B');
  });
});
