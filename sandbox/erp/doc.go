// Package erp simulates an Epicor Prophet 21: its middleware with the REST
// families, the Transaction API and the data services, a gateway such as some
// installations put before it, and a warehouse that ships what was ordered. It
// keeps its books in memory, counts what it is asked, and goes wrong on demand.
//
// It is as strict and as odd as the real thing. Among others: it never rejects
// a web order that it has already; Lines is an object that holds a list;
// names it does not know are ignored; a business rule that says no is a 500 in
// REST and a 200 with Summary.Failed in the Transaction API; a price that is
// not manual is P21's own; tax is the jurisdiction's and cannot be set; in()
// in a filter is ignored; an unknown column is a 404; timestamps carry no zone
// and are the server's; a header keeps its date when only a line changes; and
// a tracking number is in one of three tables.
//
// # Choices where nothing is known
//
// Text is compared with regard to case. In a filter the digits of a timestamp
// count and its Z does not. An address, a customer and a ship-to draw ids from
// one sequence: a customer has the id of its address. The contact id is a
// string, in REST and as a column. Only goods are taxed, at the rate of the
// ship-to's state, rounded once for the order. What a ticket bears of tax is a
// difference of running totals, freight goes with the first ticket.
//
// # The gateway
//
// No contract of such a gateway is public. This one is plain JSON. Money and
// quantities are JSON numbers, instants RFC 3339 in UTC, days YYYY-MM-DD;
// unknown fields are refused.
//
//	POST /api/v1/token       {"username","password"} or {"clientSecret"}
//	                         200 {"token","expiresIn"}; then Authorization: Bearer
//	POST /api/v1/SalesOrder  201 with the order. Flat header: companyId customerId contactId
//	                         shipToId locationId sourceLocationId carrierId poNo webReferenceNo
//	                         taker orderDate requestedDate approved quote willCall terms
//	                         freightCode packingBasis deliveryInstructions freightOut
//	                         shipToName shipToAddress1..3 shipToCity shipToState shipToZip
//	                         shipToCountry shipToPhone shipToEmail, and the arrays
//	                         lines    [{itemId quantity unitOfMeasure unitPrice manualPrice description}]
//	                         notes    [{topic text class}]
//	                         payments [{typeId amount description authorization date}]
//	                         The answer has orderNo, status (unapproved, open, hold, completed,
//	                         cancelled), completed, cancelled, dateCreated, dateModified,
//	                         totals {goods freight charges tax total}, and in each line lineNo
//	                         extendedPrice tax otherCharge complete cancelled and, in base units,
//	                         qtyAllocated qtyInvoiced qtyCanceled
//	GET  /api/v1/SalesOrder  ?orderNo= | webReferenceNo= | poNo= | modifiedSince=
//	PUT  /api/v1/SalesOrder  {orderNo, cancel, cancelLines, approved, hold, poNo,
//	                         deliveryInstructions, freightOut, lines}: lines with a lineNo
//	                         are changed, others added; 409 once completed or cancelled
//	GET  /api/v1/ItemMaster  ?itemIds=a,b (at most 50) | modifiedSince= | everything:
//	                         itemId description extendedDescription price sellingUnit baseUnit
//	                         units [{name size}] otherCharge inactive deleted dateModified
//	                         stock [{locationId onHand allocated available}] in base units
//	PUT  /api/v1/ItemMaster  {itemId, description, extendedDescription, price}
//	GET  /api/v1/CustomerMaster   ?customerId= | email= (any case) | legacyId= | modifiedSince=
//	POST /api/v1/CustomerMaster   201. companyId name legacyId terms taxable email phone
//	                              address {address1..3 city state zip country}
//	                              contacts [{contactId firstName lastName email phone}]
//	                              shipTos [{shipToId name address}]; without ship-tos the
//	                              address becomes one, with the customer's id
//	PUT  /api/v1/CustomerMaster   customerId and what changes; contacts and ship-tos with an id
//	                              are changed, others added
//	POST /api/v1/GeneralLedger/JournalEntry  201. companyId journalId period year date reference
//	                              lines [{accountNumber amount description}], debit + and credit -
//	GET  /api/v1/GeneralLedger/JournalEntry  ?reference=
//	GET  /api/v1/Shipment    ?orderNo= | pickTicketNo= | modifiedSince=: pickTicketNo orderNo
//	                         locationId carrierId carrierName trackingNumbers shipped shipDate
//	                         invoiceNo invoice {goods freight charges tax total paid} freight
//	                         dateModified lines [{lineNo itemId quantity unitOfMeasure}], in
//	                         sales units
//	PUT  /api/v1/Shipment    {pickTicketNo, trackingNumber, carrierId}; 409 once invoiced
//
// Every GET answers {"items":[...],"next":"cursor"}, oldest change first; next
// is there when there is more, and goes into after=, with limit= (1 to 1000,
// 100 unless given). An order's dateModified is the latest of its own and its
// lines'. Nothing found is an empty list. Nothing is rejected for being there
// already.
//
// Errors are {"error":{"code","message","retryable"}}: 400 validation, 401
// unauthorized, 404 not_found, 409 conflict, 422 business_rule, 429
// rate_limited with Retry-After, 503 unavailable, other 5xx internal.
package erp
