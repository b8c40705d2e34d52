import { expect } from 'chai';
import { hideSecrets, withoutSecrets } from '../../src/activities/hide-secrets.js';
import { PortError } from '../../src/activities/ports.js';

describe('secrets in what failures say', () => {
  const hide = hideSecrets(['sk-planted/1234', 'sk-planted/1234-longer', 'abc']);

  it('are hidden as they are, in base64 and in addresses, the longer one first', () => {
    expect(hide('Incorrect key sk-planted/1234, see sk-planted/1234-longer')).to.equal(
      'Incorrect key (secret), see (secret)',
    );
    expect(hide(`Basic ${Buffer.from('sk-planted/1234').toString('base64')}`)).to.equal('Basic (secret)');
    expect(hide('https://host/?key=sk-planted%2F1234')).to.equal('https://host/?key=(secret)');
    expect(hide('abcdef')).to.equal('abcdef');
  });

  it('are hidden where only the password of an address is said', () => {
    const hidden = hideSecrets(['smtps://desk:pass%2Fword-1@mail.example.com:465', 'https://hooks.example.com/T0/B0']);
    const plain = Buffer.from('pass/word-1').toString('base64');
    expect(hidden(`535 no pass/word-1, pass%2Fword-1 or ${plain}`)).to.equal('535 no (secret), (secret) or (secret)');
    expect(hideSecrets(['smtps://desk:100%zz-sure@mail.example.com'])('535 no 100%zz-sure')).to.equal(
      '535 no (secret)',
    );
    expect(hidden('mail.example.com said no to desk')).to.equal('mail.example.com said no to desk');
  });

  it('are hidden where only the path of an address is said, or the part of it that is the password', () => {
    const hidden = hideSecrets(['https://hooks.example.com/services/T0/B0/planted-webhook-0001?sig=planted']);
    expect(hidden('Cannot POST /services/T0/B0/planted-webhook-0001?sig=planted')).to.equal('Cannot POST (secret)');
    expect(hidden('Cannot POST /services/T0/B0/planted-webhook-0001')).to.equal('Cannot POST (secret)');
    expect(hidden('no hook planted-webhook-0001 of services')).to.equal('no hook (secret) of services');
    expect(hideSecrets(['http://example.com/'])('GET / of http://example.com')).to.equal('GET / of http://example.com');
    expect(hideSecrets(['smtp://mail.example.com/a-very-long-path'])('a-very-long-path')).to.equal('a-very-long-path');
  });

  it('are hidden where only the token of a header is said', () => {
    const hidden = hideSecrets(['Bearer planted-header-1', 'two words-of-a-phrase']);
    expect(hidden('no Bearer planted-header-1, no planted-header-1')).to.equal('no (secret), no (secret)');
    expect(hidden('words-of-a-phrase')).to.equal('words-of-a-phrase');
  });

  it('are hidden in an error, its stack and its causes, and it stays what it is', () => {
    const cause = new Error('sent sk-planted/1234');
    const error = new PortError('Unauthorised', 'no: sk-planted/1234', null, { cause });
    cause.cause = error;
    expect(withoutSecrets(error, hide)).to.equal(error);
    expect(error).to.be.instanceOf(PortError).and.to.include({ type: 'Unauthorised', message: 'no: (secret)' });
    expect(`${error.stack} ${cause.message} ${cause.stack}`).not.to.contain('sk-planted');
    expect(withoutSecrets('a text', hide)).to.equal('a text');
  });
});
