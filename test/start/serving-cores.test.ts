import { expect } from 'chai';
import { servingCores } from '../../src/client/start/serving-cores.js';

describe('cores of the embedded vLLM', () => {
  for (const [allowed, cores] of [
    ['0-3', '2,3'],
    ['0-1', '1'],
    ['0', null],
    ['2,5,8-11', '10,11'],
    ['0-127', '126,127'],
    ['what', null],
    ['', null],
  ] as const)
    it(`are ${cores ?? "vLLM's choice"} of ${allowed || 'none'}`, () => {
      expect(servingCores({ allowed })).to.equal(cores);
    });
});
