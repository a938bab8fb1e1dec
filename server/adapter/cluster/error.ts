/** What went wrong between the servers of a cluster. */
export class ClusterError extends Error {
  /** `ClusterError`. */
  override readonly name = "ClusterError";
}

/** The error of a message that a server of the cluster would not have sent. */
export function unreadable(what: string): ClusterError {
  return new ClusterError(`Cannot read cluster message: ${what}`);
}
