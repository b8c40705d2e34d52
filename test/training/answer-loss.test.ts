import { expect } from 'chai';
import { findTools, prepareTraining, removeTrainings, runPython } from './support.js';

interface Comparison {
  own: string;
  loss: [number, number];
  accuracy: [number, number];
  gradients: [number, number];
  largest: number;
  difference: number;
}

describe('the loss that a CPU trains by', function () {
  this.timeout(240_000);
  after(removeTrainings);

  it("is TRL's, with its accuracy and its gradients", async () => {
    const tools = await findTools();
    const { config } = await prepareTraining(tools, { batchSize: 8, dropout: 0 });
    const found = await runPython<Comparison>(tools, 'compare_losses.py', [config]);
    expect(found.own).to.equal('WholeLogitsTrainer');
    expect(found.loss[0]).to.be.above(1);
    expect(found.loss[0]).to.be.closeTo(found.loss[1], 1e-5 * found.loss[1]);
    expect(found.accuracy[0]).to.be.closeTo(found.accuracy[1], 1e-6);
    expect(found.gradients[0]).to.be.above(20);
    expect(found.gradients[0]).to.equal(found.gradients[1]);
    expect(found.difference).to.be.below(1e-4 * found.largest);
  });
});
