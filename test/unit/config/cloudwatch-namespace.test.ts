import { expect } from 'chai';
import { readSettings } from '../../../src/config/settings.js';

const read = (CLOUDWATCH_NAMESPACE?: string) => readSettings({ environment: { CLOUDWATCH_NAMESPACE } });

describe('the namespace of CloudWatch', () => {
  it('is taken as it is, and may be missing', () => {
    expect(read('Understudy/Gateway').cloudWatchNamespace).to.equal('Understudy/Gateway');
    expect(read().cloudWatchNamespace).to.equal(null);
  });

  it("is none of AWS's own, which nobody can write into", () => {
    expect(() => read('AWS/ApiGateway')).to.throw(/CLOUDWATCH_NAMESPACE is "AWS\/ApiGateway": expected a namespace/);
  });
});
