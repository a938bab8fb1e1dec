/**
 * Thrown when a peer sent something that cannot be decoded. It ends the connection that it came
 * from with the reason `parse error`; it is never the mistake of the program's own code.
 */
export class ParseError extends SyntaxError {
  /** `ParseError`. */
  override readonly name = "ParseError";
}
