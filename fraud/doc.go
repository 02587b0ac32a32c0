// Package fraud says how risky an order is, and why.
//
// It is pure: what is known of an order comes in as [Facts], what shall be done
// comes out as an [Assessment]; there is no I/O, no clock, and no call to another
// system. A score takes a fraction of a millisecond.
//
//	policy, err := fraud.ParsePolicy(name, text)   // over the embedded default.yaml
//	model, err := fraud.ParseModel(text)           // of fraud/train; nil: rules alone
//	event := facts.Event(pepper)                   // the order's keys, hashed
//	facts.Counts, err = velocity.Count(ctx, event) // what came before, and then
//	err = velocity.Record(ctx, event)              // this order for those that come
//	assessment := fraud.Score(facts, policy, model)
//
// The score is the risk of a charge-back in percent. It starts from a base rate,
// which rules multiply (as odds) in the manner of minFraud: every [Reason] has a
// code, a multiplier and a sentence. A trained [Model] takes the place of the base
// rate and of the rules on features that it has learned.
//
// Velocity is causal: only what was placed before an order counts, and a
// charge-back only once it was known. [Counter] keeps it in memory; package
// velocitytest is what a database has to do alike. Scores and features are
// float64; money stays decimal until it becomes a feature.
package fraud
