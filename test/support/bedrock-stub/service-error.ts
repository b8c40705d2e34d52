/** An error as Bedrock answers it: its name in a header, its message as JSON. */
export class ServiceError extends Error {
  constructor(
    readonly status: number,
    override readonly name: string,
    message: string,
  ) {
    super(message);
  }
}
