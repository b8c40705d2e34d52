/** The same resamples, probes and order of parts for every decision: a seed chosen a release would be one more thing to choose well. */
export const decisionSeed = 1;
