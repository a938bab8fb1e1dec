/** What an error says, for the message of another one that it has caused. */
export function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const { message, name } = cause;
  const { code, errors } = cause as { readonly code?: unknown; readonly errors?: unknown };
  if (message !== "") return message;
  // A host of several addresses, of which none answers, has an error for each and says nothing itself.
  if (Array.isArray(errors) && errors.length > 0) return errors.map(reasonOf).join(", ");
  return typeof code === "string" ? code : name;
}
