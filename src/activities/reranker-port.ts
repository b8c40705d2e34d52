/** Scores texts for a question, as a cross-encoder does. Rejects with a `PortError`. */
export interface Reranker {
  /** One score a text, in their order; higher is better, on the model's own scale. */
  score(input: {
    endpoint: string;
    model: string;
    question: string;
    texts: readonly string[];
    signal?: AbortSignal;
  }): Promise<number[]>;
}
