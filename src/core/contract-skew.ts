/** A consumer was built on another version of the contract than the one in force, and the difference may break it (product, O2). */
export interface ContractSkew {
  /** Version that the consumer says it was built on. */
  readonly declared: string;
  /** Version of the contract in force. */
  readonly inForce: string;
  readonly skew: 'behind_major' | 'ahead_minor' | 'ahead_major';
}
