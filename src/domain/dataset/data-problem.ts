/**
 * Why a data set can't be made. `input`: what was handed in can't be read as it is; `refused`: it was read, and what
 * it holds must not be trained on. The message names where, what was found and how to mend it.
 */
export class DataProblem extends Error {
  override readonly name = 'DataProblem';
  constructor(
    readonly kind: 'input' | 'refused',
    message: string,
  ) {
    super(message);
  }
}
