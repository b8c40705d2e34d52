import { expect } from 'chai';
import { hasOwnDisks, volumeKey } from '../../../../src/adapters/sagemaker/volume-key.js';

describe('the key of the disks of instances', () => {
  it('is left out where the instances bring disks of their own, which take none', () => {
    for (const type of [
      'ml.g5.2xlarge',
      'ml.g4dn.xlarge',
      'ml.g6.xlarge',
      'ml.p4d.24xlarge',
      'ml.p5.48xlarge',
      'ml.m5dn.large',
    ])
      expect(volumeKey({ kmsKey: 'key', instanceType: type }), type).to.equal(null);
    for (const type of ['ml.m5.large', 'ml.c5.xlarge', 'ml.p3.2xlarge', 'ml.inf2.xlarge', 'ml.g5g.xlarge'])
      expect(volumeKey({ kmsKey: 'key', instanceType: type }), type).to.equal('key');
    expect(hasOwnDisks('g5.2xlarge')).to.equal(true);
  });
});
