import { expect } from 'chai';
import { holdsPassword, shownUri } from '../../../../src/domain/spec/source-uri.js';

describe('the URI of a source', () => {
  const cases: [uri: string, shown: string, password: boolean][] = [
    ['/data/a?b@c.csv', '/data/a?b@c.csv', false],
    ['s3://bucket/a@b.csv', 's3://bucket/a@b.csv', false],
    ['https://host/x.csv?X-Amz-Signature=abc', 'https://host/x.csv', false],
    ['https://jo:secret@host/x.csv', 'https://host/x.csv', true],
    ['postgres://jo@host:5432/db', 'postgres://host:5432/db', false],
    ['postgres://jo:se%2Fcr@et@host/db', 'postgres://host/db', true],
    ['https://host:8443/x.csv?at=a@b', 'https://host:8443/x.csv', false],
    ['postgresql://host/db?user=jo&password=secret', 'postgresql://host/db', true],
  ];
  for (const [uri, shown, password] of cases)
    it(`is shown as ${shown}${password ? ', and its password found' : ''}`, () => {
      expect(shownUri(uri)).to.equal(shown);
      expect(holdsPassword(uri)).to.equal(password);
    });
});
