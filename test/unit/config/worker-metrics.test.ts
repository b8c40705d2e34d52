import { expect } from 'chai';
import { readSettings } from '../../../src/config/settings.js';
import { SettingsError } from '../../../src/config/read-environment.js';

const metricsAddress = (text?: string): string | null =>
  readSettings({ environment: text === undefined ? {} : { UNDERSTUDY_WORKER_METRICS: text } }).metricsAddress;

describe('where a worker shows its figures', () => {
  it('is nowhere, or an IP address with a port', () => {
    expect(metricsAddress()).to.equal(null);
    for (const text of ['127.0.0.1:9464', '0.0.0.0:1', '[::1]:65535']) expect(metricsAddress(text)).to.equal(text);
  });

  for (const text of ['localhost:9464', '127.0.0.1', '127.0.0.1:0', '127.0.0.1:65536', '1.2.3:80', ':9464'])
    it(`is not ${text}`, () => {
      expect(() => metricsAddress(text))
        .to.throw(SettingsError)
        .with.property('message')
        .that.contains('UNDERSTUDY_WORKER_METRICS')
        .and.contains('an IP address and a port such as 127.0.0.1:9464');
    });
});
