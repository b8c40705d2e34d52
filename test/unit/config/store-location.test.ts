import { resolve } from 'node:path';
import { expect } from 'chai';
import { storeLocation } from '../../../src/config/fields.js';

describe('storeLocation', () => {
  for (const [given, read] of [
    ['store', resolve('store')],
    ['s3://team-models', 's3://team-models'],
    ['s3://team-models/understudy', 's3://team-models/understudy'],
    [
      's3://m-1/x?endpoint=http://127.0.0.1:7070&region=eu-central-1',
      's3://m-1/x?endpoint=http://127.0.0.1:7070&region=eu-central-1',
    ],
  ] as const)
    it(`reads ${given}`, () => {
      expect(storeLocation.parse(given)).to.equal(read);
    });

  for (const wrong of ['s3:/team', 's3://', 's3://Team', 's3://a', 's3://team?secret=x', 's3://user:pass@team/x'])
    it(`refuses ${wrong}`, () => {
      expect(storeLocation.safeParse(wrong).error?.issues[0]?.message).to.contain('s3://bucket/prefix');
    });
});
