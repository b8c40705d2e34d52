import { inspect } from 'node:util';
import { expect } from 'chai';
import { MlflowClient } from '../../src/client.js';
import { MlflowArgumentError } from '../../src/errors.js';
import { resolveOptions } from '../../src/options.js';

const trackingUri = 'http://127.0.0.1:5000';
const secret = 'hunter2-very-secret';

describe('options', () => {
  it('fills in defaults and drops a trailing slash', () => {
    const resolved = resolveOptions({ trackingUri: 'https://example.org/mlflow/' });
    expect(resolved).to.include({ baseUrl: 'https://example.org/mlflow', retries: 2, timeoutMs: 30_000 });
    expect(resolved.authorization).to.equal(undefined);
  });

  it('moves credentials from the address into basic authentication', () => {
    const resolved = resolveOptions({ trackingUri: 'http://ada:p%40ss@127.0.0.1:5000' });
    expect(resolved.baseUrl).to.equal('http://127.0.0.1:5000');
    expect(resolved.authorization).to.equal(`Basic ${Buffer.from('ada:p@ss').toString('base64')}`);
  });

  it('sends a token as bearer', () => {
    expect(resolveOptions({ trackingUri, token: secret }).authorization).to.equal(`Bearer ${secret}`);
  });

  const refused = {
    'an address without a scheme': [{ trackingUri: 'localhost' }, /trackingUri/],
    'a database address': [{ trackingUri: `postgresql://u:${secret}@h/db` }, /scheme "postgresql:"/],
    'an address with a query': [{ trackingUri: `${trackingUri}?token=${secret}` }, /query/],
    'both kinds of credentials': [{ trackingUri, token: secret, username: 'a', password: 'b' }, /one kind/],
    'a username alone': [{ trackingUri, username: 'a' }, /belong together/],
    'a colon in the username': [{ trackingUri, username: 'a:b', password: secret }, /colon/],
    'a line break in the token': [{ trackingUri, token: `${secret}\n` }, /token contains/],
    'negative retries': [{ trackingUri, retries: -1 }, /retries/],
    'a timeout of nothing': [{ trackingUri, timeoutMs: 0 }, /timeoutMs/],
    'broken percent codes': [{ trackingUri: 'http://a:%zz@127.0.0.1' }, /percent-encoded/],
  } as const;
  for (const [what, [options, message]] of Object.entries(refused)) {
    it(`refuses ${what}, without telling secrets`, () => {
      expect(() => resolveOptions(options))
        .to.throw(MlflowArgumentError, message)
        .with.property('message')
        .that.does.not.include(secret);
    });
  }

  it('shows no secret when a client is printed or serialised', () => {
    const client = new MlflowClient({ trackingUri: `http://ada:${secret}@127.0.0.1:5000` });
    const shown = [
      inspect(client, { depth: 9, showHidden: true }),
      JSON.stringify(client),
      inspect(client.runs, { depth: 9, showHidden: true }),
    ];
    expect(shown.join('\n'))
      .to.not.include(secret)
      .and.not.include(Buffer.from(`ada:${secret}`).toString('base64'));
    expect(inspect(client)).to.equal('MlflowClient(http://127.0.0.1:5000)');
  });
});
