/** An error as an AWS service answers it: HTTP 400 with its name. */
export class ServiceError extends Error {
  constructor(
    override readonly name: string,
    message: string,
  ) {
    super(message);
  }
}
