/** A question of policy without the facts of a parcel in it: how it is asked, and what the policy answers. */
export interface GeneralQuestion {
  category: string;
  questions: readonly string[];
  answer: string;
}
