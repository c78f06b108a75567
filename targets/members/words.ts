// Words that the rows of the members system are made of, the commonest first where that matters. Used by rows.ts.

const words = (text: string): string[] => text.trim().split(/\s+/);

/** Common first: rows.ts draws the front of a list more often than its end. */
export const firstNames = words(`
  James Mary Robert Patricia John Jennifer Michael Linda David Elizabeth William Barbara Richard Susan Joseph
  Jessica Thomas Karen Christopher Sarah Charles Lisa Daniel Nancy Matthew Sandra Anthony Betty Mark Ashley
  Donald Emily Steven Kimberly Andrew Margaret Paul Donna Joshua Michelle Kenneth Carol Kevin Amanda Brian
  Melissa Timothy Deborah Ronald Stephanie Jason Rebecca George Sharon Edward Laura Jeffrey Cynthia Ryan Dorothy
  Jacob Amy Nicholas Kathleen Gary Angela Eric Shirley Jonathan Emma Stephen Brenda Larry Pamela Justin Nicole
  Scott Anna Brandon Samantha Benjamin Katherine Samuel Christine Gregory Debra Alexander Rachel Patrick Carolyn
  Frank Janet Raymond Maria Jack Olivia Dennis Heather Jerry Helen Tyler Catherine Aaron Diane Jose Julie Adam
  Victoria Nathan Joyce Henry Lauren Zachary Kelly Douglas Christina Peter Ruth Kyle Joan Noah Virginia Ethan
  Judith Jeremy Evelyn Christian Hannah Walter Andrea Keith Megan Austin Cheryl Roger Jacqueline Terry Madison
  Sean Teresa Gerald Abigail Carl Sophia Dylan Martha Harold Sara Jordan Gloria Jesse Janice Bryan Kathryn
  Lawrence Ann Arthur Isabella Gabriel Judy Bruce Charlotte Logan Julia Billy Grace Joe Amber Alan Alice Juan
  Jean Elijah Denise Willie Frances Albert Danielle Wayne Marilyn Randy Natalie Mason Beverly Vincent Diana
  Liam Brittany Roy Theresa Bobby Kayla Caleb Alexis Bradley Doris Russell Lori Lucas Tiffany Priya Wei Aisha
  Mateo Yuki Omar Ingrid Tomasz Leila Kwame Nadia Sven Chiara Amara Dmitri Fatima Hiro Zainab Luis Mei`);

/** Common first. */
export const lastNames = words(`
  Smith Johnson Williams Brown Jones Garcia Miller Davis Rodriguez Martinez Hernandez Lopez Gonzalez Wilson
  Anderson Thomas Taylor Moore Jackson Martin Lee Perez Thompson White Harris Sanchez Clark Ramirez Lewis
  Robinson Walker Young Allen King Wright Scott Torres Nguyen Hill Flores Green Adams Nelson Baker Hall Rivera
  Campbell Mitchell Carter Roberts Gomez Phillips Evans Turner Diaz Parker Cruz Edwards Collins Reyes Stewart
  Morris Morales Murphy Cook Rogers Gutierrez Ortiz Morgan Cooper Peterson Bailey Reed Kelly Howard Ramos Kim
  Cox Ward Richardson Watson Brooks Chavez Wood James Bennett Gray Mendoza Ruiz Hughes Price Alvarez Castillo
  Sanders Patel Myers Long Ross Foster Jimenez Powell Jenkins Perry Russell Sullivan Bell Coleman Butler
  Henderson Barnes Gonzales Fisher Vasquez Simmons Romero Jordan Patterson Alexander Hamilton Graham Reynolds
  Griffin Wallace Moreno West Cole Hayes Bryant Herrera Gibson Ellis Tran Medina Aguilar Stevens Murray Ford
  Castro Marshall Owens Harrison Fernandez McDonald Woods Washington Kennedy Wells Vargas Henry Chen Freeman
  Webb Tucker Guzman Burns Crawford Olson Simpson Porter Hunter Gordon Mendez Silva Shaw Snyder Mason Dixon
  Munoz Hunt Hicks Holmes Palmer Wagner Black Robertson Boyd Rose Stone Salazar Fox Warren Mills Meyer Rice
  Schmidt Garza Daniels Ferguson Nichols Stephens Soto Weaver Ryan Gardner Payne Grant Dunn Kelley Spencer
  Hawkins Arnold Pierce Chang Hansen Peters Santos Hart Bradley Knight Elliott Cunningham Duncan Armstrong
  Hudson Carroll Lane Riley Andrews Alvarado Ray Delgado Berry Perkins Hoffman Johnston Matthews Pena Richards
  Contreras Willis Carpenter Lawrence Sandoval Guerrero George Chapman Rios Estrada Ortega Watkins Greene Nunez
  Wheeler Valdez Harper Burke Larson Santiago Maldonado Morrison Franklin Carlson Austin Dominguez Carr Lawson
  Jacobs Obrien Lynch Singh Vega Bishop Montgomery Oliver Jensen Harvey Williamson Gilbert Dean Sims Espinoza
  Howell Li Wong Reid Hanson Le McCoy Garrett Burton Fuller Wang Weber Welch Rojas Lucas Marquez Fields Park
  Yang Little Banks Padilla Day Walsh Bowman Schultz Luna Fowler Mejia Kowalski Okafor Nakamura Lindqvist Rossi
  Haddad Ivanova Dubois Mbeki Yilmaz Novak Andersson Quinn Zhang Underwood Ibarra Xiong Eriksen Zimmerman`);

/** City, state, first three digits of the postal code, telephone area code; the biggest employers' towns first. */
export const cities = words(`
  Boston,MA,021,617 Worcester,MA,016,508 Springfield,MA,011,413 Providence,RI,029,401 Hartford,CT,061,860
  Albany,NY,122,518 Buffalo,NY,142,716 Rochester,NY,146,585 Portland,ME,041,207 Manchester,NH,031,603
  Burlington,VT,054,802 Cambridge,MA,021,617 Lowell,MA,018,978 Quincy,MA,021,617 Syracuse,NY,132,315
  Scranton,PA,185,570 Pittsburgh,PA,152,412 Cleveland,OH,441,216 Toledo,OH,436,419 Detroit,MI,482,313
  Lansing,MI,489,517 Milwaukee,WI,532,414 Madison,WI,537,608 Duluth,MN,558,218`).map((city) =>
  city.split(','),
);

export const streets = words(
  'Main Oak Maple Cedar Elm Washington Lake Hill Walnut Spring Park River Church Mill',
);

export const organizationNames = words(`
  Harbor Summit Cedar Lakeside Northfield Granite Riverbend Beacon Pioneer Keystone Evergreen Fairview Highland
  Maplewood Liberty Bayview Stonebridge Redwood Crescent Oakmont Silverton Westgate Eastport Pinehill Clearwater
  Franklin Lincoln Jefferson Madison Monroe Kingston Hampton Bristol Salem Concord Dover Essex Windsor Ashland
  Milford`);

export const organizationSectors: readonly (readonly [name: string, sector: string])[] = [
  ['Health Services', 'health'],
  ['Medical Center', 'health'],
  ['Nursing Home', 'health'],
  ['School District', 'education'],
  ['Community College', 'education'],
  ['University', 'education'],
  ['Electric', 'construction'],
  ['Builders', 'construction'],
  ['Plumbing and Heating', 'construction'],
  ['Steel Works', 'manufacturing'],
  ['Paper Mill', 'manufacturing'],
  ['Foods', 'manufacturing'],
  ['Transit Authority', 'transport'],
  ['Freight Lines', 'transport'],
  ['City Council', 'public'],
  ['County Office', 'public'],
  ['Water Department', 'public'],
  ['Library', 'public'],
  ['Hotels', 'services'],
  ['Telecom', 'services'],
];

export const jobTitles = [
  ...[
    'Registered Nurse',
    'Teacher',
    'Electrician',
    'Bus Driver',
    'Machinist',
    'Clerk',
    'Carpenter',
    'Plumber',
  ],
  ...['Custodian', 'Technician', 'Welder', 'Paraprofessional', 'Dispatcher', 'Cook', 'Mechanic', 'Librarian'],
  ...['Social Worker', 'Millwright', 'Lab Assistant', 'Crane Operator', 'Inspector', 'Supervisor'],
];

export const departments = [
  'Operations',
  'Maintenance',
  'Administration',
  'Field Services',
  'Safety',
  'Training',
];

export const contactTitles = [
  'HR Manager',
  'Payroll Officer',
  'Labor Relations',
  'Office Manager',
  'Director',
];

export const programs = [
  ...['Nursing', 'Electrical Apprenticeship', 'Teacher Education', 'Plumbing Apprenticeship', 'Welding'],
  ...['Early Childhood', 'Commercial Driving', 'Machining', 'Culinary Arts', 'Public Administration'],
];
